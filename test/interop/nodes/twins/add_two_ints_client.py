"""rclpy twin of examples/add_two_ints_client."""
import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy.node import Node

rclpy.init()
node = Node("minimal_client")
client = node.create_client(AddTwoInts, "add_two_ints")
while not client.wait_for_service(timeout_sec=1.0):
    node.get_logger().info("service not available, waiting again...")

future = client.call_async(AddTwoInts.Request(a=41, b=1))
rclpy.spin_until_future_complete(node, future, timeout_sec=5.0)
if future.done():
    node.get_logger().info(f"Result of add_two_ints: for 41 + 1 = {future.result().sum}")
else:
    node.get_logger().error("add_two_ints: no response within 5 s")
rclpy.spin(node)
