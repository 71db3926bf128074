"""rclpy twin of examples/subscriber."""
import rclpy
from rclpy.node import Node
from std_msgs.msg import String


class MinimalSubscriber(Node):
    def __init__(self):
        super().__init__("minimal_subscriber")
        self.subscription = self.create_subscription(String, "topic", self.listen, 10)

    def listen(self, message):
        self.get_logger().info(f'I heard: "{message.data}"')


rclpy.init()
rclpy.spin(MinimalSubscriber())
