"""add_two_ints_witness.py: an rclpy server of add_two_ints. Says "ready", then the values of each request as a JSON line."""
import json

import rclpy
from example_interfaces.srv import AddTwoInts

LOW = -(2**63)


def add(request, response):
    response.sum = (request.a + request.b - LOW) % 2**64 + LOW
    print(json.dumps({"a": request.a, "b": request.b}), flush=True)
    return response


rclpy.init()
node = rclpy.create_node("add_two_ints_server")
service = node.create_service(AddTwoInts, "add_two_ints", add)
print("ready", flush=True)
rclpy.spin(node)
