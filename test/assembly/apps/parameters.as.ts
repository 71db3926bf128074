import { FloatingPointRange, IntegerRange, Node, Parameter, ParameterOptions, sleep } from "rosehip/assembly";
import { Run } from "rosehip_test/srv";

// The parameters of test/interop/record_parameters.py.
const node = new Node("parameters", "lab");
node.enableLoggerService();
node.declareParameter("enabled", true, { description: "whether it runs" });
const count = node.declareParameter("count", 5, { range: new IntegerRange(0, 100, 5) });
const gain = node.declareParameter("gain.p", 1.5, {
  description: "proportional",
  additionalConstraints: "not 4",
  range: new FloatingPointRange(0, 10, 0.5),
});
node.declareParameter("gain.i", -0.25);
node.declareParameter("frame", "base_link", { readOnly: true });
node.declareParameter("text", "Grüße, 世界");
node.declareParameter("octets", [<u8>1, <u8>255]);
node.declareParameter("flags", [true, false, true]);
node.declareParameter("steps", [<i64>1, <i64>-2, i64.MAX_VALUE]);
node.declareParameter("joint.limits", [0.5, -1e300]);
node.declareParameter("joint.names", ["a", "", "schulter"]);
node.declareParameter("anything", 1, { dynamicTyping: true });

let slow = false;

function refuse(parameters: Parameter[]): string | null {
  if (slow) sleep(1000);
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    if (parameter.name == "gain.p" && parameter.value<f64>() == 4) return "4 is unlucky";
  }
  return null;
}
node.onSetParameters(refuse);

// Values of every type, as the app sees them; and what may be done from inside.
node.createService(Run, "run", (request, response) => {
  const command = request.command;
  if (command == "values") {
    response.message = [
      node.getParameter("enabled").value<bool>().toString(),
      count.value<i32>().toString(),
      count.value<i64>().toString(),
      gain.value<f64>().toString(),
      node.getParameter("gain.i").value<f32>().toString(),
      node.getParameter("text").value<string>(),
      node.getParameter("octets").value<u8[]>().toString(),
      node.getParameter("flags").value<bool[]>().toString(),
      node.getParameter("steps").value<i64[]>().toString(),
      node.getParameter("joint.limits").value<f64[]>().toString(),
      node.getParameter("joint.names").value<string[]>().toString(),
    ].join("|");
  } else if (command == "slow") {
    slow = true;
  } else if (command == "set") {
    const reason = node.setParameter("count", request.value);
    response.message = reason === null ? "set" : reason;
  } else if (command == "set all") {
    const reason = node.setParametersAtomically([Parameter.of("count", 95), Parameter.of("gain.i", 2.0)]);
    response.message = reason === null ? "set" : reason;
  } else if (command == "declare") {
    node.declareParameter("late", 1);
  } else if (command == "undeclare") {
    node.undeclareParameter("late");
  } else if (command == "has") {
    response.message = node.hasParameter("late").toString();
  } else if (command == "twice") {
    node.declareParameter("enabled", true);
  } else if (command == "wrong type") {
    count.value<f64>();
  } else if (command == "too small") {
    node.setParameter("steps", [<i64>1]);
    node.declareParameter("large", (<i64>1) << 40);
    node.getParameter("large").value<i32>();
  } else if (command == "unknown") {
    node.getParameter("nothing");
  } else if (command == "out of range") {
    const options = new ParameterOptions();
    options.range = new IntegerRange(0, 1);
    node.declareParameter("two", 2, options);
  } else if (command == "wrong range") {
    node.declareParameter("number", 2.0, { range: new IntegerRange(0, 1) });
  } else if (command == "no name") {
    node.declareParameter("", 2);
  } else if (command == "debug") {
    node.logger.debug("debug line");
    node.logger.getChild("child").warn("warning of the child");
  }
  response.success = true;
});
