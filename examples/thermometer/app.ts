import { I2C, Node, TransferError, transferErrorText } from "rosehip/assembly";
import { Temperature, Temperature_Type } from "sensor_msgs/msg";

// An LM75, or one of the many that behave alike: register 0 has the temperature in 1/256 °C, the high octet first.
const ADDRESS = 0x48;
const REGISTER: u8[] = [0];

const node = new Node("thermometer");
const publisher = node.createPublisher(Temperature_Type, "temperature");
const i2c = new I2C(0);
const reading: u8[] = [0, 0];
const message = new Temperature();
message.header.frame_id = "thermometer";

node.createTimer(500, () => {
  const error = i2c.writeRead(ADDRESS, REGISTER, reading);
  if (error != TransferError.None) {
    node.logger.warn(`no temperature: ${transferErrorText(error)}`);
    return;
  }
  const time = node.now();
  message.header.stamp.sec = <i32>(time / 1_000_000_000);
  message.header.stamp.nanosec = <u32>(time % 1_000_000_000);
  message.temperature = <f64>(<i16>(((<i32>reading[0]) << 8) | reading[1])) / 256;
  publisher.publish(message);
});
