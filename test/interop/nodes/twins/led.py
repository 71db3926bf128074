"""rclpy twin of examples/led."""
import rclpy
from rclpy.node import Node
from std_srvs.srv import SetBool


class Led(Node):
    def __init__(self):
        super().__init__("led")
        self.service = self.create_service(SetBool, "~/set", self.set)

    def set(self, request, response):
        response.success = True
        response.message = "on" if request.data else "off"
        self.get_logger().info(f"LED {response.message}")
        return response


rclpy.init()
rclpy.spin(Led())
