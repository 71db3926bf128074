import {
  AnalogInput,
  DigitalInput,
  DigitalOutput,
  Edge,
  I2C,
  Node,
  Pull,
  PwmOutput,
  SPI,
  SpiDevice,
  sleep,
  storage,
  TransferError,
  transferErrorText,
} from "rosehip/assembly";
import { Run, Run_Response } from "rosehip_test/srv";

// One command for each thing that the hardware modules can do.
const node = new Node("hardware");
let output: DigitalOutput | null = null;
let input: DigitalInput | null = null;
let pwm: PwmOutput | null = null;
let i2c: I2C | null = null;
let spi: SpiDevice | null = null;

function edges(level: bool, count: u32): void {
  node.logger.info(`level ${i32(level)} edges ${count}`);
}

function pins(command: string, value: i32, response: Run_Response): bool {
  if (command == "output") output = new DigitalOutput(value);
  else if (command == "output high") output = new DigitalOutput(value, true);
  else if (command == "open drain") output = new DigitalOutput(value, true, true);
  else if (command == "write") output!.value = value != 0;
  else if (command == "toggle") output!.toggle();
  else if (command == "read output") response.value = i64(output!.value);
  else if (command == "input") input = new DigitalInput(value);
  else if (command == "pull up") input = new DigitalInput(value, Pull.Up);
  else if (command == "pull down") input = new DigitalInput(value, Pull.Down);
  else if (command == "read") response.value = i64(input!.value);
  else if (command == "watch") input!.onChange(edges, <Edge>value);
  else if (command == "watch slowly") {
    input!.onChange((level) => {
      sleep(20);
      node.logger.info(`slow ${i32(level)}`);
    });
  } else if (command == "stop watching") input!.stopWatching();
  else return false;
  return true;
}

function analog(command: string, value: i32, response: Run_Response): bool {
  if (command == "pwm") pwm = new PwmOutput(value, 50);
  else if (command == "duty") pwm!.duty = <f64>value / 1000;
  else if (command == "pulse") pwm!.pulseNs = value;
  else if (command == "frequency") pwm!.frequency = value;
  else if (command == "analog") response.value = new AnalogInput(value).value;
  else if (command == "millivolts") response.value = new AnalogInput(value).millivolts;
  else return false;
  return true;
}

function say(response: Run_Response, error: TransferError, octets: u8[]): void {
  response.value = error;
  response.message = error == TransferError.None ? octets.join(" ") : transferErrorText(error);
}

function buses(command: string, value: i32, response: Run_Response): bool {
  const two: u8[] = [0, 0];
  if (command == "i2c") i2c = new I2C(value, 400_000);
  else if (command == "probe") response.value = i64(i2c!.probe(value));
  else if (command == "i2c write") say(response, i2c!.write(value, [1, 7, 8]), []);
  else if (command == "i2c read") say(response, i2c!.read(value, two), two);
  else if (command == "i2c register") say(response, i2c!.writeRead(value, [1], two), two);
  else if (command == "i2c long") say(response, i2c!.write(value, new Array<u8>(513)), []);
  else if (command == "spi") spi = new SpiDevice(new SPI(0), value, 2_000_000, 3);
  else if (command == "spi transfer") say(response, spi!.transfer([1, 2], two), two);
  else if (command == "spi write") say(response, spi!.write([9, 8, 7]), []);
  else return false;
  return true;
}

function stored(command: string, value: i32, response: Run_Response): bool {
  let error: string | null = null;
  if (command == "set i32") error = storage.set<i32>("i32", value);
  else if (command == "get i32") response.value = storage.get<i32>("i32", -1);
  else if (command == "get as i64") response.value = storage.get<i64>("i32", -1);
  else if (command == "set f64") error = storage.set("f64", <f64>value / 4);
  else if (command == "get f64") response.message = storage.get("f64", 0.5).toString();
  else if (command == "set bool") error = storage.set("bool", value != 0);
  else if (command == "get bool") response.value = i64(storage.get("bool", false));
  else if (command == "set string") error = storage.set("string", "grüße".repeat(value));
  else if (command == "get string") response.message = storage.get("string", "none");
  else if (command == "set octets") error = storage.set<u8[]>("octets", [1, 2, <u8>value]);
  else if (command == "get octets") response.message = storage.get<u8[]>("octets", []).join(" ");
  else if (command == "has") response.value = i64(storage.has("i32"));
  else if (command == "remove") error = storage.remove("i32");
  else if (command == "bad key") error = storage.set("/hardware.x", 1);
  else if (command == "random") response.value = <i64>(Math.random() * 1_000_000_000);
  else if (command == "long key") error = storage.set("k".repeat(value), 1);
  else return false;
  if (error !== null) response.message = error;
  return true;
}

node.createService(Run, "/hardware", (request, response) => {
  const value = <i32>request.value;
  response.success =
    pins(request.command, value, response) ||
    analog(request.command, value, response) ||
    buses(request.command, value, response) ||
    stored(request.command, value, response);
});
