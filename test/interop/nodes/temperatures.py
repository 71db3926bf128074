"""Hears /temperature: a JSON line for each temperature that differs from the one before."""
import json

import rclpy
from rclpy.node import Node
from sensor_msgs.msg import Temperature


class Listener(Node):
    def __init__(self):
        super().__init__("temperatures")
        self.last = None
        self.subscription = self.create_subscription(Temperature, "temperature", self.hear, 10)

    def hear(self, message):
        if message.temperature == self.last:
            return
        self.last = message.temperature
        stamp = rclpy.time.Time.from_msg(message.header.stamp)
        age_s = (self.get_clock().now() - stamp).nanoseconds / 1e9
        line = {
            "temperature": message.temperature,
            "variance": message.variance,
            "frame": message.header.frame_id,
            "fresh": abs(age_s) < 5,
        }
        print(json.dumps(line), flush=True)


rclpy.init()
rclpy.spin(Listener())
