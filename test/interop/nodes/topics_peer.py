"""The other side of apps/topics/app.ts. One JSON line for each scenario."""
import json
import sys
import time

import rclpy
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.qos import (
    DurabilityPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from std_msgs.msg import String
from std_srvs.srv import Trigger

PATIENCE_S = 30.0

rclpy.init()
node = rclpy.create_node("topics_peer")


def until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} within {PATIENCE_S:.0f} s")
        rclpy.spin_once(node, timeout_sec=0.05)


def listen(topic, qos):
    received = []
    node.create_subscription(String, topic, lambda message: received.append(message.data), qos)
    return received


def publisher(topic, qos):
    publisher = node.create_publisher(String, topic, qos)
    until(lambda: publisher.get_subscription_count() > 0, f"subscription to {topic}")
    return publisher


def latched():
    """This node comes late, and is told all the same."""
    received = listen("latched", QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    until(lambda: received, "latched message")
    return {"received": received}


def echo():
    """Texts of all lengths there and back, none lost, none changed, in order."""
    received = listen("echo", QoSProfile(depth=200))
    until(lambda: node.count_publishers("echo") > 0, "publisher of echo")
    say = publisher("say", QoSProfile(depth=200))
    texts = [f"{number} " + "ä" * (number * 7) for number in range(100)]
    # Until both directions are matched, what is said may not be heard.
    while not received:
        say.publish(String(data="hello"))
        rclpy.spin_once(node, timeout_sec=0.05)
    for text in texts:
        say.publish(String(data=text))
    until(lambda: received[-1] == texts[-1], "last text")
    return {"equal": [text for text in received if text != "hello"] == texts}


def history():
    """Published before the board subscribes; the test starts it only then."""
    publisher = node.create_publisher(
        String, "history", QoSProfile(depth=3, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    )
    for number in range(5):
        publisher.publish(String(data=f"number {number}"))
    print(json.dumps({"published": 5}), flush=True)
    until(lambda: publisher.get_subscription_count() > 0, "subscription to history")
    return {}


def sensor():
    """Several times, as the board may know of this publisher later than the other way round."""
    sensor = publisher("sensor", 10)
    for _ in range(10):
        sensor.publish(String(data="21.5"))
        time.sleep(0.1)
    return {}


def unreliable():
    """A best-effort publisher does not match the board's reliable subscription."""
    unreliable = node.create_publisher(
        String, "unreliable", QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    )
    until(lambda: node.count_subscribers("unreliable") > 0, "subscription to unreliable")
    return {"matched": unreliable.get_subscription_count()}


def steady():
    """A timer's messages, 20 ms apart: as many as the time allows, in order."""
    received = listen("steady", qos_profile_sensor_data)
    until(lambda: received, "steady message")
    begin = time.monotonic()
    del received[:]
    until(lambda: len(received) >= 100, "100 steady messages")
    numbers = [int(text) for text in received]
    return {"in_order": numbers == sorted(numbers), "rate": round(100 / (time.monotonic() - begin), 1)}


def burst():
    """100 messages for a callback that sleeps, and a service in the meantime."""
    slow = publisher("slow", QoSProfile(depth=100))
    ping = node.create_client(Trigger, "ping")
    until(ping.service_is_ready, "service ping")
    for number in range(100):
        slow.publish(String(data=f"{number:02} " + "x" * 500))
    seconds = []
    for _ in range(5):
        begin = time.monotonic()
        future = ping.call_async(Trigger.Request())
        until(future.done, "answer to ping")
        seconds.append(time.monotonic() - begin)
    return {"answered": future.result().success, "slowest": round(max(seconds), 2)}


def watched(topic, seconds, **policies):
    """A subscription that watches deadline and liveliness. -> how many missed, and how many were alive, one after the other"""
    missed, alive = [], []
    callbacks = SubscriptionEventCallbacks(
        deadline=lambda event: missed.append(event.total_count_change),
        liveliness=lambda event: alive.append(event.alive_count),
    )
    received = []
    node.create_subscription(String, topic, received.append, QoSProfile(depth=5, **policies), event_callbacks=callbacks)
    until(lambda: alive, f"publisher of {topic} that is alive")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.05)
    return {"missed": sum(missed) > 0, "alive": alive[:3], "received": len(received) > 0}


def huge():
    """More than the board takes; what comes after it arrives."""
    received = listen("echo", QoSProfile(depth=200))
    say = publisher("say", QoSProfile(depth=200))
    until(lambda: node.count_publishers("echo") > 0, "publisher of echo")
    for text in ("x" * 40000, "after it"):
        say.publish(String(data=text))
    until(lambda: received and received[-1] == "after it", "text after it")
    return {"received": received}


def pulse():
    """Messages, then silence: the deadline is missed, and the publisher is not alive until it publishes again."""
    half = Duration(seconds=0.5)
    return watched(
        "pulse",
        7,
        deadline=half,
        liveliness=LivelinessPolicy.MANUAL_BY_TOPIC,
        liveliness_lease_duration=half,
    )


def silent():
    return watched("silent", 3, liveliness_lease_duration=Duration(seconds=0.5))


def demanding():
    """A subscription that asks for a shorter deadline than is offered."""
    node.create_subscription(
        String, "pulse", lambda message: None, QoSProfile(depth=1, deadline=Duration(seconds=0.1))
    )
    return {}


def fleeting():
    """Transient local, but its time is over."""
    late = QoSProfile(depth=5, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    fleeting, latched = listen("fleeting", late), listen("latched", late)
    until(lambda: latched and node.count_publishers("fleeting") > 0, "latched message")
    end = time.monotonic() + 1
    while time.monotonic() < end:
        rclpy.spin_once(node, timeout_sec=0.05)
    return {"received": fleeting}


def endpoints():
    """What the graph shows of the board's topics."""

    def shown(infos):
        return [
            [info.topic_type, info.qos_profile.reliability.name, info.qos_profile.durability.name]
            for info in infos
            if info.node_name == "topics"
        ]

    return {
        "latched": shown(node.get_publishers_info_by_topic("latched")),
        "steady": shown(node.get_publishers_info_by_topic("steady")),
        "sensor": shown(node.get_subscriptions_info_by_topic("sensor")),
    }


for name in sys.argv[1:]:
    try:
        seen = globals()[name]()
    except Exception as error:  # the test shows it
        seen = {"error": repr(error)}
    print(json.dumps({"scenario": name, **seen}), flush=True)
# What it published is there for those who come later.
rclpy.spin(node)
