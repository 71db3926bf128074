"""rclpy twin of examples/navigate. rclpy has no policies: what `GoalPolicy.Preempt` is, is written out here."""
import math
import threading
import time

import rclpy
from navigation_interfaces.action import NavigateToPosition
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.node import Node

SPEED = 0.5
PERIOD_S = 0.1


class Navigator(Node):
    def __init__(self):
        super().__init__("navigator")
        self.x, self.y = 0.0, 0.0
        self.newest = None
        self.driving = threading.Lock()
        self.server = ActionServer(
            self,
            NavigateToPosition,
            "navigate_to_position",
            execute_callback=self.execute,
            handle_accepted_callback=self.preempt,
            cancel_callback=lambda _handle: CancelResponse.ACCEPT,
            callback_group=ReentrantCallbackGroup(),
        )

    def preempt(self, handle):
        self.newest = handle
        handle.execute()

    def execute(self, handle):
        with self.driving:
            goal = handle.request
            self.get_logger().info(f"Driving to ({goal.x}, {goal.y})")
            travelled, end = 0.0, None
            while end is None:
                distance = math.hypot(goal.x - self.x, goal.y - self.y)
                if handle.is_cancel_requested:
                    end = handle.canceled
                elif self.newest is not handle:
                    end = handle.abort
                elif distance == 0.0:
                    end = handle.succeed
                else:
                    step = min(1.0, SPEED * PERIOD_S / distance)
                    self.x += (goal.x - self.x) * step
                    self.y += (goal.y - self.y) * step
                    travelled += distance * step
                    handle.publish_feedback(NavigateToPosition.Feedback(distance_remaining=distance * (1 - step)))
                    time.sleep(PERIOD_S)
            end()
            return NavigateToPosition.Result(distance_travelled=travelled, x=self.x, y=self.y)


rclpy.init()
rclpy.spin(Navigator(), MultiThreadedExecutor(8))
