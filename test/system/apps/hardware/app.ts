import {
  AnalogInput,
  DigitalInput,
  DigitalOutput,
  I2C,
  Node,
  Pull,
  PwmOutput,
  SPI,
  SpiDevice,
  storage,
  transferErrorText,
} from "rosehip/assembly";

// A button that does all there is to do with hardware, and counts over restarts.
const node = new Node("hardware");
node.logger.info(`random ${<u32>(Math.random() * 4_000_000_000)}`);
const led = new DigitalOutput(2);
const button = new DigitalInput(0, Pull.Up);
const lamp = new PwmOutput(5, 50);
const dial = new AnalogInput(34);
const i2c = new I2C(0);
const spi = new SpiDevice(new SPI(1), 7, 2_000_000, 3);
const octets: u8[] = [0, 0];

button.onChange((level, edges) => {
  led.value = !level;
  lamp.duty = <f64>dial.value / 65_535;
  const count = storage.get<u32>("edges", 0) + edges;
  const error = storage.set<u32>("edges", count);
  node.logger.info(error === null ? `edges ${count}` : error);
  node.logger.info(`i2c ${transferErrorText(i2c.writeRead(0x48, [1], octets))} ${octets.join(" ")}`);
  node.logger.info(`wrote ${transferErrorText(i2c.write(0x48, [3, octets[1]]))}`);
  node.logger.info(`spi ${transferErrorText(spi.transfer([0xde, 0xad], octets))} ${octets.join(" ")}`);
});
node.logger.info(`ready, level ${i32(button.value)}, ${dial.millivolts} mV`);
