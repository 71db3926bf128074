import { FloatingPointRange, IntegerRange, Node } from "rosehip/assembly";

const node = new Node("parameters");

const speed = node.declareParameter("max_speed", 1.5, {
  description: "m/s",
  range: new FloatingPointRange(0, 3),
  persist: true,
});
const period = node.declareParameter("report.period_ms", 1000, { range: new IntegerRange(100, 60_000) });
const frame = node.declareParameter("frame_id", "base_link", { readOnly: true });
node.declareParameter("wheel_radii", [0.1, 0.1]);

node.onSetParameters((parameters) => {
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    if (parameter.name == "wheel_radii" && parameter.value<f64[]>().length != 2)
      return "there are two wheels";
  }
  return null;
});

node.enableLoggerService();
node.logger.info(`frame ${frame.value<string>()}, at most ${speed.value<f64>()} m/s`);
node.createTimer(1000, () => {
  node.logger.debug(`at most ${speed.value<f64>()} m/s, every ${period.value<i32>()} ms`);
});
