"""rclpy twin of examples/fibonacci."""
import time

import rclpy
from example_interfaces.action import Fibonacci
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node


class FibonacciActionServer(Node):
    def __init__(self):
        super().__init__("fibonacci_action_server")
        self.server = ActionServer(
            self,
            Fibonacci,
            "fibonacci",
            execute_callback=self.execute,
            goal_callback=self.on_goal,
            cancel_callback=self.on_cancel,
            callback_group=ReentrantCallbackGroup(),
        )

    def on_goal(self, goal):
        return GoalResponse.ACCEPT if 0 <= goal.order <= 40 else GoalResponse.REJECT

    def on_cancel(self, _handle):
        return CancelResponse.ACCEPT

    def execute(self, handle):
        self.get_logger().info("Executing goal...")
        feedback = Fibonacci.Feedback(sequence=[0, 1])
        for i in range(1, handle.request.order):
            if handle.is_cancel_requested:
                handle.canceled()
                self.get_logger().info("Goal canceled")
                return Fibonacci.Result(sequence=feedback.sequence)
            feedback.sequence.append(feedback.sequence[i] + feedback.sequence[i - 1])
            handle.publish_feedback(feedback)
            time.sleep(1)
        handle.succeed()
        return Fibonacci.Result(sequence=feedback.sequence)


rclpy.init()
rclpy.spin(FibonacciActionServer(), MultiThreadedExecutor(8))
