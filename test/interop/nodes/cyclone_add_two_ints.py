"""cyclone_add_two_ints.py client COUNT SEED [PAUSE] | server: Eclipse Cyclone DDS as rmw_cyclonedds uses it for services.

Requests and replies of rmw_cyclonedds begin with a header inside the CDR body, cdds_request_header_t: the client's id (u64)
and the request's number (i64); a server sends it back, and a client takes the replies that carry its id.

client  calls add_two_ints COUNT times with random int64 values, one after the other; one JSON line at the end.
        After each request it does nothing for PAUSE seconds, as a busy program.
server  answers with a + b, and says "ready", then the header and values of each request as a JSON line, until its stdin ends.
Both count what comes with another header or with octets that do not decode as "strange".
"""
import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass

from cyclonedds.core import Policy, Qos, ReadCondition, SampleState, InstanceState, ViewState, WaitSet
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.idl.types import int64, uint64
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration

LOW = -(2**63)


@dataclass
class Request(IdlStruct, typename="example_interfaces::srv::dds_::AddTwoInts_Request_"):
    client: uint64
    number: int64
    a: int64
    b: int64


@dataclass
class Response(IdlStruct, typename="example_interfaces::srv::dds_::AddTwoInts_Response_"):
    client: uint64
    number: int64
    sum: int64


QOS = Qos(
    Policy.Reliability.Reliable(duration(seconds=1)),
    Policy.Durability.Volatile,
    Policy.History.KeepLast(10),
    Policy.DataRepresentation(use_cdrv0_representation=True),
)


def wrap(value):
    return (value - LOW) % 2**64 + LOW


class End:
    """One end of the service: a writer and a reader, and a way to wait for samples."""

    def __init__(self, written, read):
        self.participant = DomainParticipant(int(os.environ["ROS_DOMAIN_ID"]))
        topics = {
            Request: Topic(self.participant, "rq/add_two_intsRequest", Request),
            Response: Topic(self.participant, "rr/add_two_intsReply", Response),
        }
        self.writer = DataWriter(self.participant, topics[written], QOS)
        self.reader = DataReader(self.participant, topics[read], QOS)
        self.waitset = WaitSet(self.participant)
        any_sample = ViewState.Any | InstanceState.Any | SampleState.NotRead
        self.waitset.attach(ReadCondition(self.reader, any_sample))
        self.strange = 0

    def take(self, seconds):
        self.waitset.wait(duration(seconds=seconds))
        try:
            return [sample for sample in self.reader.take(64) if sample.sample_info.valid_data]
        except Exception:  # octets that are no such sample
            self.strange += 1
            return []


def client(count, seed, pause=0.0):
    end = End(Request, Response)
    rng = random.Random(seed)
    mine = rng.getrandbits(64)
    start = time.monotonic()
    while not (end.writer.get_matched_subscriptions() and end.reader.get_matched_publications()):
        if time.monotonic() - start > 30:
            sys.exit("no service within 30 s")
        time.sleep(0.01)
    found = time.monotonic() - start
    lost, wrong, others = 0, [], 0
    for number in range(1, count + 1):
        a, b = rng.randint(LOW, -LOW - 1), rng.randint(LOW, -LOW - 1)
        end.writer.write(Request(mine, number, a, b))
        time.sleep(pause)
        deadline, answer = time.monotonic() + 10, None
        while answer is None and time.monotonic() < deadline:
            for reply in end.take(1):
                if reply.client != mine:
                    others += 1
                elif reply.number == number:
                    answer = reply.sum
                else:
                    end.strange += 1
        if answer is None:
            lost += 1
        elif answer != wrap(a + b):
            wrong.append([a, b, answer])
    print(json.dumps({
        "found_s": round(found, 3), "calls": count, "lost": lost, "wrong": wrong, "strange": end.strange,
        "others": others,
    }), flush=True)


def server():
    end = End(Response, Request)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print("ready", flush=True)
    while True:
        for request in end.take(1):
            end.writer.write(Response(request.client, request.number, wrap(request.a + request.b)))
            print(json.dumps({
                "client": request.client, "number": request.number, "a": request.a, "b": request.b,
                "strange": end.strange,
            }), flush=True)


if sys.argv[1] == "client":
    client(int(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
else:
    server()
