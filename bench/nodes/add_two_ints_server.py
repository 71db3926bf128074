"""An rclpy server of /add_two_ints: the other end that our own participant is compared with."""
import rclpy
from example_interfaces.srv import AddTwoInts


def add(request, response):
    response.sum = (request.a + request.b + 2**63) % 2**64 - 2**63  # int64 wraps; rclpy refuses what does not fit
    return response


rclpy.init()
node = rclpy.create_node("bench_server")
node.create_service(AddTwoInts, "add_two_ints", add)
print("ready", flush=True)
rclpy.spin(node)
