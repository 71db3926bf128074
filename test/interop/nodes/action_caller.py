"""What the scripts that call actions are made of: goals of type Fibonacci, and a loop that waits for conditions."""
import random
import time

import rclpy
from action_msgs.msg import GoalInfo, GoalStatusArray
from action_msgs.srv import CancelGoal
from builtin_interfaces.msg import Time
from example_interfaces.action import Fibonacci
from rclpy.action import ActionClient
from rclpy.qos import QoSProfile, qos_profile_action_status_default
from unique_identifier_msgs.msg import UUID

PATIENCE_S = 30.0


def random_id():
    return UUID(uuid=[random.randrange(256) for _ in range(16)])


class Goal:
    """One goal: what the server said about it so far."""

    def __init__(self, caller, name, order, goal_id):
        self.caller, self.name, self.order = caller, name, order
        self.feedback = []
        self.handle = None
        self.outcome = None
        client = caller.client(name)
        future = client.send_goal_async(Fibonacci.Goal(order=order), self.on_feedback, goal_uuid=goal_id)
        future.add_done_callback(self.on_answer)

    def on_feedback(self, message):
        self.feedback.append(list(message.feedback.sequence))
        self.caller.events.append((self.name, self.order, "feedback"))

    def on_answer(self, future):
        self.handle = future.result()
        if self.handle.accepted:
            self.handle.get_result_async().add_done_callback(self.on_result)

    def on_result(self, future):
        self.outcome = future.result()
        self.caller.events.append((self.name, self.order, "result"))

    @property
    def id(self):
        return self.handle.goal_id

    @property
    def accepted(self):
        self.caller.until(lambda: self.handle is not None, f"answer to goal {self.order} of {self.name}")
        return self.handle.accepted

    def finish(self):
        """Waits for the end. -> status and sequence"""
        if not self.accepted:
            return {"accepted": False}
        self.caller.until(lambda: self.outcome is not None, f"result of goal {self.order} of {self.name}")
        return {"status": self.outcome.status, "sequence": list(self.outcome.result.sequence)}

    def after_feedback(self, count):
        assert self.accepted
        self.caller.until(lambda: len(self.feedback) >= count, f"feedback {count} of {self.name}")
        return self

    def cancel(self):
        answer = self.caller.complete(self.handle.cancel_goal_async())
        return {"code": answer.return_code, "own": [info.goal_id == self.id for info in answer.goals_canceling]}


class Caller:
    def __init__(self, name):
        rclpy.init()
        self.node = rclpy.create_node(name)
        self.clients = {}
        self.events = []

    def client(self, name):
        if name not in self.clients:
            # Deep enough that only the server can lose anything: with the default depth of 10 rclpy itself drops the
            # first of 20 requests in a row, if they are not acknowledged by then.
            deep = QoSProfile(depth=1000)
            client = ActionClient(
                self.node,
                Fibonacci,
                name,
                goal_service_qos_profile=deep,
                result_service_qos_profile=deep,
                feedback_sub_qos_profile=deep,
            )
            self.clients[name] = client
            self.until(client.server_is_ready, f"action server {name}")
        return self.clients[name]

    def goal(self, name, order, goal_id=None):
        return Goal(self, name, order, goal_id)

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} within {PATIENCE_S:.0f} s")
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def complete(self, future):
        self.until(future.done, "response")
        return future.result()

    def call(self, service_type, name, request):
        client = self.node.create_client(service_type, name)
        self.until(client.service_is_ready, f"service {name}")
        response = self.complete(client.call_async(request))
        self.node.destroy_client(client)
        return response

    def cancel(self, name, goal_id=None, stamp=None):
        """The cancel service itself: by id, before a time stamp, or all."""
        info = GoalInfo(goal_id=goal_id or UUID(), stamp=stamp or Time())
        return self.call(CancelGoal, f"{name}/_action/cancel_goal", CancelGoal.Request(goal_info=info))

    def result(self, name, goal_id):
        """The result service itself."""
        service = Fibonacci.Impl.GetResultService
        response = self.call(service, f"{name}/_action/get_result", service.Request(goal_id=goal_id))
        return {"status": response.status, "sequence": list(response.result.sequence)}

    def statuses(self, name):
        """What a subscription that comes now is told about all goals. -> list of (id, status)"""
        arrays = []
        subscription = self.node.create_subscription(
            GoalStatusArray, f"{name}/_action/status", arrays.append, qos_profile_action_status_default
        )
        self.until(lambda: arrays, f"status of {name}")
        self.node.destroy_subscription(subscription)
        return [(entry.goal_info.goal_id, entry.status) for entry in arrays[-1].status_list]
