import { describe, expect, test } from "vitest";
import {
  actionNames,
  demangleTopic,
  demangleType,
  mangleReply,
  mangleRequest,
  mangleTopic,
  nodeNameFault,
  parseNodeName,
  topicNameFault,
} from "../../../host-agent/src/ros2/names.js";
import { networkQos } from "../../../host-agent/src/ros2/qos.js";
import {
  digestOfTypeHash,
  isTypeHash,
  parseTypeHashUserData,
  typeHashFromDigest,
  typeHashUserData,
} from "../../../host-agent/src/ros2/type-hash.js";

describe("names on DDS, as seen of rmw_fastrtps (Jazzy, Kilted)", () => {
  test.each([
    ["rt/chatter", { role: "topic", name: "/chatter" }],
    ["rq/add_two_intsRequest", { role: "service", name: "/add_two_ints" }],
    ["rr/add_two_intsReply", { role: "service", name: "/add_two_ints" }],
    ["rq/fibonacci/_action/send_goalRequest", { role: "service", name: "/fibonacci/_action/send_goal" }],
    ["rt/fibonacci/_action/feedback", { role: "topic", name: "/fibonacci/_action/feedback" }],
    ["Square", { role: "dds", name: "Square" }],
    ["rq/Request", { role: "dds", name: "rq/Request" }],
  ])("%s", (topic, name) => {
    expect(demangleTopic(topic)).toEqual(name);
  });

  test("mangled and back", () => {
    expect([mangleTopic("/a/b"), mangleRequest("/a/b"), mangleReply("/a/b")]).toEqual([
      "rt/a/b",
      "rq/a/bRequest",
      "rr/a/bReply",
    ]);
    expect(actionNames("/fibonacci")).toEqual({
      sendGoal: "/fibonacci/_action/send_goal",
      getResult: "/fibonacci/_action/get_result",
      cancelGoal: "/fibonacci/_action/cancel_goal",
      feedback: "/fibonacci/_action/feedback",
      status: "/fibonacci/_action/status",
    });
  });

  test("types", () => {
    expect(demangleType("example_interfaces::srv::dds_::AddTwoInts_Request_")).toBe(
      "example_interfaces/srv/AddTwoInts_Request",
    );
    expect(demangleType("ShapeType")).toBeUndefined();
  });

  test("validation", () => {
    expect(["a", "_a1", "A"].map(nodeNameFault)).toEqual([undefined, undefined, undefined]);
    expect(["", "1a", "a-b", "a b", "a".repeat(256)].every((name) => nodeNameFault(name) !== undefined)).toBe(
      true,
    );
    expect(["/a", "/a/b_1"].map(topicNameFault)).toEqual([undefined, undefined]);
    expect(
      ["a", "/", "/a/", "/1", "/a//b", `/${"a".repeat(247)}`].every(
        (name) => topicNameFault(name) !== undefined,
      ),
    ).toBe(true);
    expect(parseNodeName("/ns/sub/node")).toEqual({ name: "node", namespace: "/ns/sub" });
    expect(() => parseNodeName("/ns/")).toThrow(/node name/);
  });
});

describe("type hashes (REP-2016)", () => {
  // AddTwoInts_Request as rmw_fastrtps of both distros announces it.
  const HASH = "RIHS01_000c5fd92d6b2e1a05949348f584d6d652adea1e92d691792011ac2273508302";
  test("text, digest and USER_DATA", () => {
    const digest = digestOfTypeHash(HASH);
    expect(digest?.byteLength).toBe(32);
    expect(typeHashFromDigest(digest ?? new Uint8Array())).toBe(HASH);
    expect(Buffer.from(typeHashUserData(HASH)).toString()).toBe(`typehash=${HASH};`);
    expect(parseTypeHashUserData(Buffer.from(`enclave=/;typehash=${HASH};\0`))).toBe(HASH);
    expect([isTypeHash(HASH), isTypeHash(`${HASH}0`), digestOfTypeHash("x")]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(parseTypeHashUserData(Buffer.from("typehash=RIHS01_12;"))).toBeUndefined();
  });
});

describe("QoS of devices", () => {
  const base = { reliable: true, durability: "volatile", keepAll: false } as const;
  test.each([
    [
      { ...base, depth: 5 },
      { reliability: "reliable", durability: "volatile", history: { kind: "keep_last", depth: 5 } },
    ],
    [
      { ...base, depth: 0 },
      { reliability: "reliable", durability: "volatile", history: { kind: "keep_last", depth: 10 } },
    ],
    [
      { ...base, reliable: false, keepAll: true },
      { reliability: "best_effort", durability: "volatile", history: { kind: "keep_all" } },
    ],
    [
      { ...base, durability: "persistent", depth: 1, deadlineMs: 1500, lifespanMs: 2 } as const,
      {
        reliability: "reliable",
        durability: "transient_local",
        history: { kind: "keep_last", depth: 1 },
        deadline: 1_500_000_000n,
        lifespan: 2_000_000n,
      },
    ],
  ])("%o", (device, qos) => {
    expect(networkQos(device)).toEqual(qos);
  });
});
