/**
 * Settings of what a process says of itself: logs, and traces by the standard variables of OpenTelemetry. Those that are not here, such as
 * `OTEL_EXPORTER_OTLP_HEADERS`, are read by its SDK.
 */
import { BooleanSetting, TextSetting } from './setting.js';

export class TelemetryConfig {
  @TextSetting({
    description: 'Least severe log lines to write.',
    oneOf: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
  })
  LOG_LEVEL: string = 'info';

  @TextSetting({
    description: 'Form of log lines. Default: pretty at a terminal, json elsewhere.',
    oneOf: ['json', 'pretty'],
  })
  LOG_FORMAT?: string;

  @TextSetting({
    description:
      'otlp sends traces to OTEL_EXPORTER_OTLP_ENDPOINT. Default: otlp when an endpoint is set, else none.',
    oneOf: ['otlp', 'none'],
  })
  OTEL_TRACES_EXPORTER?: string;

  @TextSetting({
    description: 'Collector of traces, OTLP over HTTP. Setting it switches traces on.',
    example: 'http://localhost:4318',
  })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @TextSetting({
    description: 'The same for traces alone, as a whole URL.',
    example: 'http://localhost:4318/v1/traces',
  })
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  @TextSetting({ description: 'How traces are sent.', oneOf: ['http/protobuf', 'http/json'] })
  OTEL_EXPORTER_OTLP_PROTOCOL: string = 'http/protobuf';

  @TextSetting({
    description: 'Name of the process in traces. Default: longrun-api, longrun-worker or longrun-sweeper.',
    example: 'longrun',
  })
  OTEL_SERVICE_NAME?: string;

  @TextSetting({
    description: 'Which traces are recorded; OTEL_TRACES_SAMPLER_ARG is the part of them, from 0 to 1.',
    oneOf: [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
  })
  OTEL_TRACES_SAMPLER: string = 'parentbased_always_on';

  @BooleanSetting({ description: 'Switches traces off whatever else is set.' })
  OTEL_SDK_DISABLED: boolean = false;
}
