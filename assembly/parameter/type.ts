/** The types of parameters: rcl_interfaces/msg/ParameterType. */
export enum ParameterType {
  NotSet = 0,
  Bool = 1,
  Integer = 2,
  Double = 3,
  String = 4,
  ByteArray = 5,
  BoolArray = 6,
  IntegerArray = 7,
  DoubleArray = 8,
  StringArray = 9,
}

/** As rclpy prints it: "Type.INTEGER". */
export function typeName(type: u8): string {
  const isArray = type >= <u8>ParameterType.ByteArray;
  return "Type." + elementName(isArray ? type - 5 : type, isArray) + (isArray ? "_ARRAY" : "");
}

/** @param type of a single value, or that of an array's elements: 0 is a byte then, and not "not set" */
function elementName(type: u8, isArray: bool): string {
  switch (type) {
    case 0:
      return isArray ? "BYTE" : "NOT_SET";
    case 1:
      return "BOOL";
    case 2:
      return "INTEGER";
    case 3:
      return "DOUBLE";
    default:
      return "STRING";
  }
}
