"""rclpy twin of examples/thermometer: the sensor is the file that Linux's lm75 driver gives it, in 1/1000 °C."""
import sys
from pathlib import Path

import rclpy
from rclpy.node import Node
from sensor_msgs.msg import Temperature


class Thermometer(Node):
    def __init__(self, sensor):
        super().__init__("thermometer")
        self.sensor = sensor
        self.publisher = self.create_publisher(Temperature, "temperature", 10)
        self.timer = self.create_timer(0.5, self.publish)

    def publish(self):
        try:
            reading = self.sensor.read_text()
        except OSError as error:
            self.get_logger().warning(f"no temperature: {error.strerror}")
            return
        message = Temperature()
        message.header.frame_id = "thermometer"
        message.header.stamp = self.get_clock().now().to_msg()
        message.temperature = int(reading) / 1000
        self.publisher.publish(message)


rclpy.init()
rclpy.spin(Thermometer(Path(sys.argv[1] if len(sys.argv) > 1 else "/sys/class/hwmon/hwmon0/temp1_input")))
