/** Remapping as design.ros2.org, "Remapping Names", and rcl have it. */
import { describe, expect, test } from "vitest";
import { parseRemap } from "../../../cli/agent-names.js";
import { NodeRemapping } from "../../../host-agent/src/ros2/remap.js";

const node = (namespace: string, name: string, ...rules: string[]) =>
  new NodeRemapping({ name, namespace }, rules.map(parseRemap));
const topic = (given: string, ...rules: string[]) => node("/ns", "arm", ...rules).apply("topic", given);

describe("names of topics and services", () => {
  test.each([
    ["/ns/chatter", ["chatter:=foo"], "/ns/foo"],
    ["/ns/chatter", ["chatter:=/foo"], "/foo"],
    ["/ns/chatter", ["/ns/chatter:=/foo/bar"], "/foo/bar"],
    ["/chatter", ["chatter:=foo"], "/chatter"],
    ["/chatter", ["/chatter:=/foo"], "/foo"],
    ["/ns/arm/status", ["~/status:=~/state"], "/ns/arm/state"],
    ["/ns/arm/status", ["arm:~/status:=/state"], "/state"],
    ["/ns/chatter", ["leg:chatter:=/foo"], "/ns/chatter"],
    ["/ns/chatter", ["chatter:=a", "chatter:=b"], "/ns/a"],
    ["/ns/a", ["a:=b", "b:=c"], "/ns/b"],
    ["/ns/chatter", ["rostopic://chatter:=/foo"], "/foo"],
    ["/ns/chatter", ["rosservice://chatter:=/foo"], "/ns/chatter"],
    ["/ns/chatter", ["rostopic://chatter:=rostopic:///foo"], "/foo"],
  ])("topic %s with %j is %s", (given, rules, expected) => {
    expect(topic(given, ...rules)).toBe(expected);
  });

  test("services by their own rules", () => {
    const service = node("/", "arm", "rostopic://add:=/no", "rosservice://add:=/yes");
    expect([service.apply("service", "/add"), service.apply("topic", "/add")]).toEqual(["/yes", "/no"]);
  });

  test("an action's topics and services with the action", () => {
    const names = node("/ns", "arm", "fibonacci:=/fib");
    expect([
      names.apply("service", "/ns/fibonacci/_action/send_goal"),
      names.apply("topic", "/ns/fibonacci/_action/feedback"),
      names.apply("topic", "/ns/fibonacci"),
      names.apply("topic", "/ns/fibonacci2/_action/feedback"),
    ]).toEqual([
      "/fib/_action/send_goal",
      "/fib/_action/feedback",
      "/fib",
      "/ns/fibonacci2/_action/feedback",
    ]);
  });
});

describe("names of nodes", () => {
  test("node and namespace, and all that is named after them", () => {
    const names = node("/", "arm", "__node:=left", "__ns:=/robot1", "scan:=/scan", "~/status:=ok");
    expect(names.node).toEqual({ name: "left", namespace: "/robot1" });
    expect(
      ["/chatter", "/arm/get_parameters", "/scan", "/arm/status", "/rosout", "/tf"].map((name) =>
        names.apply("topic", name),
      ),
    ).toEqual(["/robot1/chatter", "/robot1/left/get_parameters", "/scan", "/robot1/ok", "/rosout", "/tf"]);
  });

  test("__name is __node; rules for another node do not count", () => {
    expect(node("/", "arm", "leg:__ns:=/x", "arm:__name:=a").node).toEqual({ name: "a", namespace: "/" });
  });

  test("a namespace can be left for the root", () => {
    expect(topic("/ns/chatter", "__ns:=/")).toBe("/chatter");
    expect(topic("/other/chatter", "__ns:=/")).toBe("/other/chatter");
  });
});

describe("the argument of --remap", () => {
  test.each([
    ["0BADCAFE:chatter:=foo", { device: "0BADCAFE", kind: "name", from: "chatter", to: "foo" }],
    ["/dev/ttyUSB0:/old:=/new", { device: "/dev/ttyUSB0", kind: "name", from: "/old", to: "/new" }],
    ["COM3:arm:__ns:=/x", { device: "COM3", node: "arm", kind: "namespace", from: "", to: "/x" }],
    ["/old:=/new", { kind: "name", from: "/old", to: "/new" }],
    ["~:=/all", { kind: "name", from: "~", to: "/all" }],
  ])("%s", (argument, rule) => {
    expect(parseRemap(argument)).toEqual(rule);
  });

  test.each([
    ["chatter", "it is not of the form FROM:=TO"],
    ["a:=b:=c", "it is not of the form FROM:=TO"],
    ["a:=", '"" is no name: it is empty'],
    [":=b", '"" is no name: it is empty'],
    ["a:=b c", '"b c" is no name: "b c" in it is no ROS 2 name'],
    ["a//b:=c", '"a//b" is no name: "" in it is no ROS 2 name'],
    [
      "__node:=a/b",
      '"a/b" is no node name: it may hold letters, digits and underscores and may not start with a digit',
    ],
    ["__ns:=robot", '"robot" is no namespace: it does not start with a slash'],
    ["__ns:=/1", '"/1" is no namespace: "1" in it is no ROS 2 name'],
    ["rostopic://a:=rosservice://b", "a topic cannot become a service or the other way round"],
  ])("%s is refused with where and remedy", (argument, message) => {
    expect(() => parseRemap(argument)).toThrow(
      expect.objectContaining({
        code: "CLI_REMAP",
        message,
        where: `--remap ${argument}`,
        remedy: expect.stringContaining("[DEVICE:][NODE:]FROM:=TO"),
      }),
    );
  });
});
