"""rclpy twin of examples/add_two_ints."""
import rclpy
from example_interfaces.srv import AddTwoInts
from rclpy.node import Node


class MinimalService(Node):
    def __init__(self):
        super().__init__("minimal_service")
        self.service = self.create_service(AddTwoInts, "add_two_ints", self.add_two_ints)

    def add_two_ints(self, request, response):
        response.sum = request.a + request.b
        self.get_logger().info(f"Incoming request: a={request.a}, b={request.b}")
        return response


rclpy.init()
rclpy.spin(MinimalService())
