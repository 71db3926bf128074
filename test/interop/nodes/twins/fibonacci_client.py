"""rclpy twin of examples/fibonacci_client: one goal to its end, then one that is canceled after its second feedback."""
import rclpy
from action_msgs.msg import GoalStatus
from example_interfaces.action import Fibonacci
from rclpy.action import ActionClient
from rclpy.node import Node


class FibonacciActionClient(Node):
    def __init__(self):
        super().__init__("fibonacci_action_client")
        self.client = ActionClient(self, Fibonacci, "fibonacci")
        self.received = 0

    def on_feedback(self, message):
        self.received += 1
        self.get_logger().info(f"Received feedback: {list(message.feedback.sequence)}")

    def complete(self, future):
        rclpy.spin_until_future_complete(self, future)
        return future.result()

    def run(self):
        while not self.client.wait_for_server(timeout_sec=1.0):
            self.get_logger().info("action server not available, waiting again...")
        handle = self.complete(self.client.send_goal_async(Fibonacci.Goal(order=4), self.on_feedback))
        if not handle.accepted:
            self.get_logger().info("Goal rejected")
            return
        self.get_logger().info("Goal accepted")
        result = self.complete(handle.get_result_async())
        self.get_logger().info(f"Result: {list(result.result.sequence)}")

        self.received = 0
        handle = self.complete(self.client.send_goal_async(Fibonacci.Goal(order=10), self.on_feedback))
        while self.received < 2:
            rclpy.spin_once(self)
        self.complete(handle.cancel_goal_async())
        result = self.complete(handle.get_result_async())
        if result.status == GoalStatus.STATUS_CANCELED:
            self.get_logger().info(f"Goal canceled after {len(result.result.sequence)} numbers")


rclpy.init()
node = FibonacciActionClient()
node.run()
rclpy.spin(node)
