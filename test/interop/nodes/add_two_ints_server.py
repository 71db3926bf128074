"""An rclpy server of add_two_ints that takes `a` milliseconds for a request whose `a` is 100 or 600."""
import time

import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor


def add(request, response):
    if request.a in (100, 600):
        time.sleep(request.a / 1000)
    response.sum = request.a + request.b
    return response


rclpy.init()
node = rclpy.create_node("add_two_ints_server")
node.create_service(AddTwoInts, "add_two_ints", add, callback_group=ReentrantCallbackGroup())
print("ready", flush=True)
rclpy.spin(node, MultiThreadedExecutor(16))
