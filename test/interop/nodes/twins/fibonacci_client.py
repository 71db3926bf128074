"""rclpy twin of examples/fibonacci_client."""
import rclpy
from action_msgs.msg import GoalStatus
from example_interfaces.action import Fibonacci
from rclpy.action import ActionClient
from rclpy.node import Node


class FibonacciActionClient(Node):
    def __init__(self):
        super().__init__("fibonacci_action_client")
        self.client = ActionClient(self, Fibonacci, "fibonacci")
        self.goal = None

    def send(self, order):
        """Sends a goal, and cancels it when its sequence has more than five numbers."""
        future = self.client.send_goal_async(Fibonacci.Goal(order=order), self.on_feedback)
        rclpy.spin_until_future_complete(self, future)
        self.goal = future.result()
        if not self.goal.accepted:
            self.get_logger().info("Goal rejected")
            return
        self.get_logger().info("Goal accepted")
        future = self.goal.get_result_async()
        rclpy.spin_until_future_complete(self, future)
        if future.result().status == GoalStatus.STATUS_CANCELED:
            self.get_logger().info("Goal canceled")
        else:
            self.get_logger().info(f"Result: {list(future.result().result.sequence)}")

    def on_feedback(self, message):
        sequence = list(message.feedback.sequence)
        self.get_logger().info(f"Received feedback: {sequence}")
        if len(sequence) > 5:
            self.goal.cancel_goal_async()


rclpy.init()
node = FibonacciActionClient()
while not node.client.wait_for_server(timeout_sec=1.0):
    node.get_logger().info("action server not available, waiting again...")
node.send(4)
node.send(10)
rclpy.spin(node)
