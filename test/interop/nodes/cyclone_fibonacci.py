"""cyclone_fibonacci.py ACTION ORDER…: an action client as rmw_cyclonedds puts one on the wire, with a goal for each order.

Requests and replies begin with a header inside the CDR body: the client's id (u64) and the request's number (i64).
Feedback has none. This is the only Cyclone client, so a reply that is not its own, or octets that do not decode, are
counted as "strange".

Says "ready" when the server is found; sends its goals, all at once, as soon as feedback tells that somebody else's goal
runs. One JSON line at the end: the outcome of each goal, and "beside": how many goals of others were heard of meanwhile.
"""
import json
import os
import random
import sys
import time
from dataclasses import dataclass

from cyclonedds.core import InstanceState, Policy, Qos, ReadCondition, SampleState, ViewState, WaitSet
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.idl.types import array, int8, int32, int64, sequence, uint8, uint32, uint64
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration

TYPE = "example_interfaces::action::dds_::Fibonacci_"
LIMIT_S = 60


@dataclass
class UUID(IdlStruct, typename="unique_identifier_msgs::msg::dds_::UUID_"):
    uuid: array[uint8, 16]


@dataclass
class Time(IdlStruct, typename="builtin_interfaces::msg::dds_::Time_"):
    sec: int32
    nanosec: uint32


@dataclass
class Goal(IdlStruct, typename=f"{TYPE}Goal_"):
    order: int32


@dataclass
class Numbers(IdlStruct, typename=f"{TYPE}Result_"):
    """Result and feedback alike."""

    sequence: sequence[int32]


@dataclass
class SendGoalRequest(IdlStruct, typename=f"{TYPE}SendGoal_Request_"):
    client: uint64
    number: int64
    goal_id: UUID
    goal: Goal


@dataclass
class SendGoalResponse(IdlStruct, typename=f"{TYPE}SendGoal_Response_"):
    client: uint64
    number: int64
    accepted: bool
    stamp: Time


@dataclass
class GetResultRequest(IdlStruct, typename=f"{TYPE}GetResult_Request_"):
    client: uint64
    number: int64
    goal_id: UUID


@dataclass
class GetResultResponse(IdlStruct, typename=f"{TYPE}GetResult_Response_"):
    client: uint64
    number: int64
    status: int8
    result: Numbers


@dataclass
class FeedbackMessage(IdlStruct, typename=f"{TYPE}FeedbackMessage_"):
    goal_id: UUID
    feedback: Numbers


# Deep enough for whatever comes while this process does not get to run.
QOS = Qos(
    Policy.Reliability.Reliable(duration(seconds=1)),
    Policy.Durability.Volatile,
    Policy.History.KeepLast(1000),
    Policy.DataRepresentation(use_cdrv0_representation=True),
)


class Inbox:
    """A reader, and a way to wait for its samples."""

    def __init__(self, participant, topic, type):
        self.reader = DataReader(participant, Topic(participant, topic, type), QOS)
        self.waitset = WaitSet(participant)
        self.waitset.attach(ReadCondition(self.reader, ViewState.Any | InstanceState.Any | SampleState.NotRead))
        self.strange = 0

    def found(self):
        return bool(self.reader.get_matched_publications())

    def take(self, seconds=1.0):
        self.waitset.wait(duration(seconds=seconds))
        try:
            return [sample for sample in self.reader.take(64) if sample.sample_info.valid_data]
        except Exception:  # octets that are no such sample
            self.strange += 1
            return []


class Client:
    """One end of a service: requests of its own id, numbered from 1."""

    def __init__(self, participant, name, request, response):
        self.writer = DataWriter(participant, Topic(participant, f"rq/{name}Request", request), QOS)
        self.inbox = Inbox(participant, f"rr/{name}Reply", response)
        self.request = request
        self.id = random.getrandbits(64)
        self.sent = 0
        self.replies = {}

    def found(self):
        return bool(self.writer.get_matched_subscriptions()) and self.inbox.found()

    def send(self, *fields):
        self.sent += 1
        self.writer.write(self.request(self.id, self.sent, *fields))

    def listen(self):
        for reply in self.inbox.take():
            if reply.client != self.id or reply.number in self.replies or not 1 <= reply.number <= self.sent:
                self.inbox.strange += 1
            else:
                self.replies[reply.number] = reply

    def all(self):
        """The replies, in the order of the requests."""
        until(lambda: self.listen() or len(self.replies) == self.sent, "reply")
        return [self.replies[number] for number in range(1, self.sent + 1)]


def until(done, what):
    deadline = time.monotonic() + LIMIT_S
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"no {what} within {LIMIT_S} s")
        time.sleep(0.001)


def main(action, orders):
    participant = DomainParticipant(int(os.environ["ROS_DOMAIN_ID"]))
    name = f"{action}/_action"
    send_goal = Client(participant, f"{name}/send_goal", SendGoalRequest, SendGoalResponse)
    get_result = Client(participant, f"{name}/get_result", GetResultRequest, GetResultResponse)
    inbox = Inbox(participant, f"rt/{name}/feedback", FeedbackMessage)
    ends = [send_goal, get_result, inbox]
    until(lambda: all(end.found() for end in ends), "action server")
    print("ready", flush=True)
    until(inbox.take, "goal of somebody else")

    ids = [random.randbytes(16) for _ in orders]
    for goal_id, order in zip(ids, orders):
        send_goal.send(UUID(list(goal_id)), Goal(order))
    accepted = [reply.accepted for reply in send_goal.all()]
    for goal_id in ids:
        get_result.send(UUID(list(goal_id)))

    feedback = {goal_id: [] for goal_id in ids}
    beside = set()

    def all_told():
        for message in inbox.take():
            goal_id = bytes(message.goal_id.uuid)
            if goal_id in feedback:
                feedback[goal_id].append(message.feedback.sequence)
            else:
                beside.add(goal_id)
        return all(len(feedback[goal_id]) >= order - 1 for goal_id, order in zip(ids, orders))

    until(all_told, "further feedback")
    results = get_result.all()
    for message in inbox.take(0.5):  # none of it is ours any more
        feedback.get(bytes(message.goal_id.uuid), []).append(message.feedback.sequence)
    print(json.dumps({
        "accepted": accepted,
        "statuses": [reply.status for reply in results],
        "sequences": [reply.result.sequence for reply in results],
        "feedback": [feedback[goal_id] for goal_id in ids],
        "beside": len(beside),
        "strange": send_goal.inbox.strange + get_result.inbox.strange + inbox.strange,
    }), flush=True)


main(sys.argv[1], [int(order) for order in sys.argv[2:]])
