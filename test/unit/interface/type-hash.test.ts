import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkInterfaces } from "../../../toolchain/interface/check.js";
import { ddsTypeName } from "../../../toolchain/interface/definition.js";
import { typeHash } from "../../../toolchain/interface/description.js";
import { InterfaceLibrary } from "../../../toolchain/interface/library.js";
import { lookupTypeHash } from "../../../toolchain/interface/lookup.js";
import { projectFile } from "../../../toolchain/project.js";

/** As the .json files of the packages of ROS 2 Jazzy and Kilted have them (rosidl_generator_type_description). */
const announced = new Map(
  Object.entries(
    JSON.parse(readFileSync(projectFile("test/vectors/interface/type-hashes.json"), "utf8")) as Record<
      string,
      string
    >,
  ),
);
const library = new InterfaceLibrary([{ name: "shipped", folder: projectFile("interfaces") }]);
const shippedTypes = library.packages().flatMap((name) => library.typesIn(name));

describe("type hashes (REP-2016)", () => {
  test("of the interfaces that ship are those ROS 2 announces", () => {
    const compared = [...announced].filter(([type]) => !type.startsWith("test_msgs/"));
    for (const [type, hash] of compared) expect(typeHash(library, type), type).toBe(hash);
    expect(compared.length).toBeGreaterThan(250);
  });

  test("every shipped type is compared, but for example_interfaces and our own", () => {
    const withoutVector = shippedTypes.filter((type) => !announced.has(type));
    expect(withoutVector.every((type) => /^(example|rosehip)_interfaces\//.test(type))).toBe(true);
  });

  test("of an unknown type, or one that refers to one, is none", () => {
    expect(typeHash(library, "std_msgs/msg/Nothing")).toBeUndefined();
    const partial = new InterfaceLibrary([
      { name: "part", folder: projectFile("test/vectors/interface/partial") },
    ]);
    expect(partial.message("some_package/msg/Incomplete")).toBeDefined();
    expect(typeHash(partial, "some_package/msg/Incomplete")).toBeUndefined();
  });
});

test("the interfaces that ship have no mistakes", () => {
  expect(checkInterfaces(library, shippedTypes)).toHaveLength(shippedTypes.length);
  expect(shippedTypes.length).toBeGreaterThan(200);
});

describe("lookupTypeHash", () => {
  test("knows DDS names of shipped types", () => {
    for (const type of ["example_interfaces/srv/AddTwoInts_Request", "action_msgs/msg/GoalStatusArray"]) {
      expect(lookupTypeHash(ddsTypeName(type))).toBe(announced.get(type));
    }
  });

  test.each([
    "",
    "example_interfaces::srv::dds_::AddTwoInts_Request",
    "example_interfaces/srv/AddTwoInts_Request",
    "nobody::srv::dds_::Knows_",
    "..::srv::dds_::AddTwoInts_Request_",
    "example_interfaces::msg::dds_::AddTwoInts_Request_",
    "std_msgs::msg::dds_::String_\n",
  ])("%j is unknown", (name) => {
    expect(lookupTypeHash(name)).toBeUndefined();
  });
});
