"""An rclpy node that a test drives: one JSON command per line on stdin, one JSON answer per line on stdout.

{"do": "wait_service"}                       -> {"found": true}
{"do": "call", "count": 5}                   -> {"sums": [...]}        a = index, b = 100
{"do": "serve"}                              -> {}                     serves add_two_ints from then on
{"do": "publish", "topic", "durability", "depth", "count", "size", "match"}
                                             -> {"sha256": [...]}      of each text; waits for a subscriber first
                                                                       if "match"
{"do": "subscribe", "topic", "durability", "depth", "reliability"}     -> {}
{"do": "received", "topic", "count"}         -> {"sha256": [...]}      waits until so many arrived
{"do": "nodes", "until": [name, present]}    -> {"nodes": [...], "seconds": t}
{"do": "endpoints", "topic"}                 -> {"publishers": [[node, type, hash]], "subscriptions": [...]}
{"do": "leave"}                              -> {}                     destroys the node and ends

Messages are rcl_interfaces/msg/Log, whose `msg` is a string of any length.
"""
import hashlib
import json
import queue
import random
import string
import sys
import threading
import time

import rclpy
from example_interfaces.srv import AddTwoInts
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy

PATIENCE_S = 60.0


def profile(command):
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=command.get("depth", 10),
        reliability=ReliabilityPolicy[command.get("reliability", "RELIABLE")],
        durability=DurabilityPolicy[command.get("durability", "VOLATILE")],
    )


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Peer:
    def __init__(self):
        rclpy.init()
        self.node = rclpy.create_node("rtps_peer")
        self.client = self.node.create_client(AddTwoInts, "add_two_ints")
        self.kept = []
        self.received = {}

    def spin_until(self, condition):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("nothing happened in %.0f s" % PATIENCE_S)
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def wait_service(self, _command):
        self.spin_until(self.client.service_is_ready)
        return {"found": True}

    def call(self, command):
        sums = []
        for a in range(command["count"]):
            future = self.client.call_async(AddTwoInts.Request(a=a, b=100))
            self.spin_until(future.done)
            sums.append(future.result().sum)
        return {"sums": sums}

    def serve(self, _command):
        def add(request, response):
            response.sum = request.a + request.b
            return response

        self.kept.append(self.node.create_service(AddTwoInts, "add_two_ints", add))
        return {}

    def publish(self, command):
        publisher = self.node.create_publisher(Log, command["topic"], profile(command))
        self.kept.append(publisher)
        if command.get("match"):
            self.spin_until(lambda: publisher.get_subscription_count() > 0)
        rng = random.Random(command.get("seed", 1))
        hashes = []
        for number in range(command["count"]):
            block = "".join(rng.choices(string.ascii_letters, k=min(4096, command["size"])))
            text = (block * (command["size"] // len(block) + 1))[: command["size"]]
            hashes.append(sha256(text))
            publisher.publish(Log(line=number, msg=text))
        return {"sha256": hashes}

    def subscribe(self, command):
        texts = self.received.setdefault(command["topic"], [])
        self.kept.append(
            self.node.create_subscription(
                Log, command["topic"], lambda message: texts.append(sha256(message.msg)), profile(command)
            )
        )
        return {}

    def got(self, command):
        texts = self.received[command["topic"]]
        self.spin_until(lambda: len(texts) >= command["count"])
        return {"sha256": texts}

    def nodes(self, command):
        name, present = command["until"]
        start = time.monotonic()
        self.spin_until(lambda: (name in self.node.get_node_names()) == present)
        return {"nodes": self.node.get_node_names(), "seconds": time.monotonic() - start}

    def endpoints(self, command):
        def rows(infos):
            return [[i.node_name, i.topic_type, str(i.topic_type_hash)] for i in infos]

        topic = command["topic"]
        return {
            "publishers": rows(self.node.get_publishers_info_by_topic(topic)),
            "subscriptions": rows(self.node.get_subscriptions_info_by_topic(topic)),
        }


def main():
    peer = Peer()
    commands = queue.Queue()

    def read():
        for line in sys.stdin:
            commands.put(json.loads(line))
        commands.put({"do": "leave"})

    threading.Thread(target=read, daemon=True).start()
    print(json.dumps({"ready": True}), flush=True)
    actions = {
        name: getattr(peer, name)
        for name in ("wait_service", "call", "serve", "publish", "subscribe", "nodes", "endpoints")
    }
    actions["received"] = peer.got
    while True:
        try:
            command = commands.get_nowait()
        except queue.Empty:
            rclpy.spin_once(peer.node, timeout_sec=0.02)
            continue
        if command["do"] == "leave":
            break
        try:
            answer = actions[command["do"]](command)
        except Exception as error:  # the test shows it
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)
    peer.node.destroy_node()
    rclpy.shutdown()
    print(json.dumps({}), flush=True)


main()
