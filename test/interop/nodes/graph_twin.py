"""graph_twin.py [everything] [--ros-args …]: examples/add_two_ints in rclpy, or apps/graph; without what a node of rclpy has unasked besides
its log: parameters with their services and events, and the service that describes types."""
import sys

import rclpy
from example_interfaces.action import Fibonacci
from example_interfaces.srv import AddTwoInts
from rclpy.action import ActionClient, ActionServer
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from std_msgs.msg import String


def everything(node):
    kept = [
        node.create_service(AddTwoInts, "add", lambda request, response: response),
        node.create_client(AddTwoInts, "sum"),
        ActionServer(node, Fibonacci, "count", lambda handle: Fibonacci.Result()),
        ActionClient(node, Fibonacci, "count_elsewhere"),
    ]
    strict = QoSProfile(
        depth=7,
        deadline=Duration(seconds=1),
        lifespan=Duration(seconds=2),
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
        liveliness_lease_duration=Duration(seconds=3),
    )
    leased = QoSProfile(
        depth=1, reliability=ReliabilityPolicy.BEST_EFFORT, liveliness_lease_duration=Duration(seconds=0.5)
    )
    asking = QoSProfile(
        depth=3,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
        deadline=Duration(seconds=1),
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
        liveliness_lease_duration=Duration(seconds=3),
    )
    for topic, qos in (
        ("plain", 10),
        ("latched", QoSProfile(depth=5, durability=DurabilityPolicy.TRANSIENT_LOCAL)),
        ("all", QoSProfile(history=HistoryPolicy.KEEP_ALL)),
        ("strict", strict),
        ("leased", leased),
    ):
        kept.append(node.create_publisher(String, topic, qos))
    for topic, qos in (("sensor", qos_profile_sensor_data), ("asking", asking)):
        kept.append(node.create_subscription(String, topic, lambda message: None, qos))
    return kept


rclpy.init()
whole = sys.argv[1:2] == ["everything"]
without = [Parameter("start_type_description_service", Parameter.Type.BOOL, False)]
node = Node("everything" if whole else "minimal_service", start_parameter_services=False, parameter_overrides=without)
node.destroy_publisher(node._parameter_event_publisher)
if whole:
    kept = everything(node)
else:
    kept = node.create_service(AddTwoInts, "add_two_ints", lambda request, response: response)
print("ready", flush=True)
rclpy.spin(node)
