"""record_parameters.py: what an rclpy node answers to the parameter and logger services. One JSON line for each call,
to standard output: the service, its request and response, and the /parameter_events published meanwhile with a stamp
of 0; values as in cdr_values.py. test/assembly/apps/parameters.as.ts declares the same parameters."""
import json
import os
import sys
import threading

import rclpy
from cdr_values import message_to_json
from rcl_interfaces.msg import (FloatingPointRange, IntegerRange, LoggerLevel, Parameter, ParameterDescriptor,
                                ParameterEvent, ParameterType, ParameterValue, SetParametersResult)
from rcl_interfaces.srv import (DescribeParameters, GetLoggerLevels, GetParameters, GetParameterTypes, ListParameters,
                                SetLoggerLevels, SetParameters, SetParametersAtomically)
from rclpy.qos import qos_profile_parameter_events
from rclpy.serialization import deserialize_message

NODE = "parameters"
rclpy.init()
node = rclpy.create_node(NODE, namespace="lab", enable_logger_service=True)
probe = rclpy.create_node("probe", namespace="lab", start_parameter_services=False)


def refuse(parameters):
    for parameter in parameters:
        if parameter.name == "gain.p" and parameter.value == 4.0:
            return SetParametersResult(successful=False, reason="4 is unlucky")
    return SetParametersResult(successful=True)


descriptor = ParameterDescriptor
node.declare_parameter("enabled", True, descriptor(description="whether it runs"))
node.declare_parameter("count", 5, descriptor(integer_range=[IntegerRange(from_value=0, to_value=100, step=5)]))
node.declare_parameter("gain.p", 1.5, descriptor(
    description="proportional", additional_constraints="not 4",
    floating_point_range=[FloatingPointRange(from_value=0.0, to_value=10.0, step=0.5)]))
node.declare_parameter("gain.i", -0.25)
node.declare_parameter("frame", "base_link", descriptor(read_only=True))
node.declare_parameter("text", "Grüße, 世界")
node.declare_parameter("octets", [b"\x01", b"\xff"])
node.declare_parameter("flags", [True, False, True])
node.declare_parameter("steps", [1, -2, 2**63 - 1])
node.declare_parameter("joint.limits", [0.5, -1e300])
node.declare_parameter("joint.names", ["a", "", "schulter"])
node.declare_parameter("anything", 1, descriptor(dynamic_typing=True))
node.add_on_set_parameters_callback(refuse)

events = []
arrived = threading.Event()


def on_event(raw):
    event = deserialize_message(raw, ParameterEvent)
    if event.node != "/lab/" + NODE:
        return
    event.stamp.sec = event.stamp.nanosec = 0
    events.append(message_to_json(event))
    arrived.set()


probe.create_subscription(ParameterEvent, "/parameter_events", on_event, qos_profile_parameter_events, raw=True)
executor = rclpy.executors.MultiThreadedExecutor(2)
executor.add_node(node)
executor.add_node(probe)
threading.Thread(target=executor.spin, daemon=True).start()

clients = {}


def call(service, type_, request, expected_events=0):
    client = clients.get(service) or clients.setdefault(service, probe.create_client(type_, f"/lab/{NODE}/{service}"))
    assert client.wait_for_service(timeout_sec=20)
    events.clear()
    response = client.call(request)
    while len(events) < expected_events:
        arrived.wait(5)
        arrived.clear()
    print(json.dumps({"service": service, "request": message_to_json(request),
                      "response": message_to_json(response), "events": list(events)}), flush=True)


T = ParameterType


def value(kind, **fields):
    return ParameterValue(type=kind, **fields)


def parameter(name, kind, **fields):
    return Parameter(name=name, value=value(kind, **fields))


def double(name, number):
    return parameter(name, T.PARAMETER_DOUBLE, double_value=number)


def integer(name, number):
    return parameter(name, T.PARAMETER_INTEGER, integer_value=number)


def set_each(*parameters, events=0):
    call("set_parameters", SetParameters, SetParameters.Request(parameters=list(parameters)), events)


def set_all(*parameters, events=0):
    call("set_parameters_atomically", SetParametersAtomically,
         SetParametersAtomically.Request(parameters=list(parameters)), events)


def get(*names):
    call("get_parameters", GetParameters, GetParameters.Request(names=list(names)))


def list_(prefixes=(), depth=0):
    call("list_parameters", ListParameters, ListParameters.Request(prefixes=list(prefixes), depth=depth))


ALL = ["enabled", "count", "gain.p", "gain.i", "frame", "text", "octets", "flags", "steps", "joint.limits",
       "joint.names", "anything"]
for name in ALL:
    get(name)
get(*ALL)
get()
get("enabled", "nothing", "count")
get("use_sim_time")
call("get_parameter_types", GetParameterTypes, GetParameterTypes.Request(names=ALL))
call("get_parameter_types", GetParameterTypes, GetParameterTypes.Request(names=["enabled", "nothing"]))
call("describe_parameters", DescribeParameters, DescribeParameters.Request(names=ALL))
call("describe_parameters", DescribeParameters, DescribeParameters.Request(names=["use_sim_time"]))
call("describe_parameters", DescribeParameters, DescribeParameters.Request(names=["enabled", "nothing"]))
for prefixes, depth in ((), 0), ((), 1), ((), 2), (("gain",), 0), (("gain",), 1), (("gain.p", "joint"), 1), \
        (("gai",), 0), (("nothing",), 0), (("joint.names",), 3):
    list_(prefixes, depth)

set_each(double("gain.p", 2.5), events=1)
set_each(double("gain.p", 10.5))
set_each(double("gain.p", -0.5))
set_each(double("gain.p", 2.6))
set_each(double("gain.p", 4.0))
set_each(double("gain.p", 10.0), events=1)
set_each(integer("count", 101))
set_each(integer("count", 7))
set_each(integer("count", 100), integer("count", 10), events=2)
set_each(double("count", 1.0))
set_each(integer("gain.i", 1))
set_each(parameter("enabled", T.PARAMETER_STRING, string_value="true"))
set_each(parameter("text", T.PARAMETER_STRING_ARRAY, string_array_value=["a"]))
set_each(parameter("frame", T.PARAMETER_STRING, string_value="map"))
set_each(parameter("enabled", T.PARAMETER_NOT_SET))
set_each(parameter("enabled", T.PARAMETER_BOOL, bool_value=False),
         parameter("text", T.PARAMETER_STRING, string_value=""),
         parameter("octets", T.PARAMETER_BYTE_ARRAY, byte_array_value=[]),
         parameter("flags", T.PARAMETER_BOOL_ARRAY, bool_array_value=[False]),
         parameter("steps", T.PARAMETER_INTEGER_ARRAY, integer_array_value=[-(2**63)]),
         parameter("joint.limits", T.PARAMETER_DOUBLE_ARRAY, double_array_value=[]),
         parameter("joint.names", T.PARAMETER_STRING_ARRAY, string_array_value=["x", "y"]), events=7)
set_each(parameter("anything", T.PARAMETER_STRING, string_value="now a text"), events=1)
call("describe_parameters", DescribeParameters, DescribeParameters.Request(names=["anything"]))
get(*ALL)
set_all(integer("count", 15), double("gain.i", 0.125), events=1)
set_all(integer("count", 20), double("gain.p", 11.0))
set_all(integer("count", 20), double("gain.p", 4.0))
get("count", "gain.p", "gain.i")
set_all()
set_each()
set_each(integer("nothing", 1))
set_all(integer("count", 20), integer("nothing", 1))
set_all(integer("nothing", 1), integer("other", 1))
set_each(parameter("anything", T.PARAMETER_NOT_SET), events=1)
get("anything")
list_((), 1)


def levels(*names):
    call("get_logger_levels", GetLoggerLevels, GetLoggerLevels.Request(names=list(names)))


def set_levels(*pairs):
    request = SetLoggerLevels.Request(levels=[LoggerLevel(name=name, level=level) for name, level in pairs])
    call("set_logger_levels", SetLoggerLevels, request)


levels("lab.parameters", "lab", "elsewhere", "")
set_levels(("lab.parameters", 10), ("lab", 40))
levels("lab.parameters", "lab", "lab.parameters.child")
set_levels(("lab.parameters", 15))
set_levels(("lab.parameters", 0), ("", 30))
levels("lab.parameters", "")
set_levels(("lab.parameters", 1000), ("lab.parameters", 50))
levels("lab.parameters")
sys.stdout.flush()
# The executor's threads may still be in C++, which aborts if they are there at the end.
os._exit(0)
