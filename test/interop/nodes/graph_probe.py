"""graph_probe.py NODE [SERVICES [NAMESPACE]]: what ROS 2 tools show of a node (ros2 node info, service list -t, topic info -v), as one JSON line
once the node and its entities are there; then, when the node has gone, "gone SECONDS", the time since a line came on stdin."""
import json
import sys
import threading
import time

import rclpy
from rclpy.node import Node

name = sys.argv[1]
expected = int(sys.argv[2]) if len(sys.argv) > 2 else 1
namespace = sys.argv[3] if len(sys.argv) > 3 else "/"

rclpy.init()
probe = Node("graph_probe", start_parameter_services=False, enable_rosout=False)


def wait(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"nothing in {seconds} s; nodes: {probe.get_node_names_and_namespaces()}")
        time.sleep(0.01)


def by_node(method):
    try:
        return {topic: sorted(types) for topic, types in method(name, namespace)}
    except rclpy.node.NodeNameNonExistentError:
        return {}


def duration(value):
    return value.nanoseconds


def endpoint(info):
    qos = info.qos_profile
    return {
        "type": info.topic_type, "hash": str(info.topic_type_hash), "endpoint_type": info.endpoint_type.name,
        "reliability": qos.reliability.name, "durability": qos.durability.name, "history": qos.history.name,
        "depth": qos.depth, "lifespan": duration(qos.lifespan), "deadline": duration(qos.deadline),
        "liveliness": qos.liveliness.name, "lease": duration(qos.liveliness_lease_duration),
    }


def endpoints(topic, no_mangle=False):
    found = probe.get_publishers_info_by_topic(topic, no_mangle) + probe.get_subscriptions_info_by_topic(topic, no_mangle)
    return [endpoint(info) for info in found if info.node_name == name and info.node_namespace == namespace]


def view():
    services = by_node(probe.get_service_names_and_types_by_node)
    clients = by_node(probe.get_client_names_and_types_by_node)
    publishers = by_node(probe.get_publisher_names_and_types_by_node)
    subscriptions = by_node(probe.get_subscriber_names_and_types_by_node)
    listed = dict(probe.get_service_names_and_types())
    topics = sorted({*publishers, *subscriptions})
    services_on_dds = [dds for one in sorted({*services, *clients}) for dds in (f"rq{one}Request", f"rr{one}Reply")]
    return {
        "nodes": [list(one) for one in probe.get_node_names_and_namespaces() if one[0] == name],
        "enclaves": [one[2] for one in probe.get_node_names_and_namespaces_with_enclaves() if one[0] == name],
        "services": services, "clients": clients, "publishers": publishers, "subscriptions": subscriptions,
        "service list": {one: sorted(listed.get(one, [])) for one in services},
        "topics": {topic: endpoints(topic) for topic in topics},
        "service topics": {topic: endpoints(topic, True) for topic in services_on_dds},
    }


def present():
    return name in probe.get_node_names()


wait(lambda: present() and len(by_node(probe.get_service_names_and_types_by_node)) >= expected)
# What is announced right after the node comes within the second.
time.sleep(1)
print(json.dumps(view()), flush=True)

killed = []
threading.Thread(target=lambda: killed.append((sys.stdin.readline(), time.monotonic())), daemon=True).start()
wait(lambda: killed and not present(), 60)
print(f"gone {time.monotonic() - killed[0][1]:.3f}", flush=True)
