"""rclpy twin of examples/publisher."""
import rclpy
from rclpy.node import Node
from std_msgs.msg import String


class MinimalPublisher(Node):
    def __init__(self):
        super().__init__("minimal_publisher")
        self.publisher = self.create_publisher(String, "topic", 10)
        self.timer = self.create_timer(0.5, self.publish)
        self.count = 0

    def publish(self):
        message = String(data=f"Hello World: {self.count}")
        self.publisher.publish(message)
        self.get_logger().info(f'Publishing: "{message.data}"')
        self.count += 1


rclpy.init()
rclpy.spin(MinimalPublisher())
