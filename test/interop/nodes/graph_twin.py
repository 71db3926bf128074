"""graph_twin.py: examples/add_two_ints in rclpy, without what a node of rclpy has unasked besides its log: parameters with their
services and events, and the service that describes types."""
import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy.node import Node
from rclpy.parameter import Parameter

rclpy.init()
without = [Parameter("start_type_description_service", Parameter.Type.BOOL, False)]
node = Node("minimal_service", start_parameter_services=False, parameter_overrides=without)
node.destroy_publisher(node._parameter_event_publisher)
service = node.create_service(AddTwoInts, "add_two_ints", lambda request, response: response)
print("ready", flush=True)
rclpy.spin(node)
