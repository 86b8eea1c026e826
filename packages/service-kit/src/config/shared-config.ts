/**
 * Settings that every process reads.
 */
import { Matches } from 'class-validator';
import { RetentionConfig } from './retention-config.js';
import { BooleanSetting, IntegerSetting, TextSetting } from './setting.js';

export class SharedConfig extends RetentionConfig {
  @TextSetting({
    description: 'Postgres, the record of everything.',
    required: true,
    example: 'postgresql://longrun:secret@localhost:5432/longrun',
  })
  @Matches(/^postgres(ql)?:\/\//, {
    message: 'DATABASE_URL must be a URL that starts with postgresql://',
  })
  DATABASE_URL!: string;

  @TextSetting({
    description:
      'Postgres without a transaction pooler in between, for heartbeats, locks and notifications. When it differs from DATABASE_URL, that is taken for a pooler. Default: DATABASE_URL.',
    example: 'postgresql://longrun:secret@localhost:5432/longrun',
  })
  DATABASE_DIRECT_URL?: string;

  @IntegerSetting({
    description: 'Connections to Postgres per process at most, besides two of its own.',
    min: 2,
    max: 1_000,
  })
  DATABASE_POOL_SIZE: number = 10;

  @TextSetting({
    description:
      'How events are pushed: redis (several processes) or memory (one process that does everything, needs no Redis).',
    oneOf: ['redis', 'memory'],
  })
  STREAMING_BACKEND: string = 'redis';

  @BooleanSetting({
    description: 'false lets the api execute runs itself, with STREAMING_BACKEND=memory: single mode.',
  })
  ENABLE_WORKERS: boolean = true;

  @TextSetting({ description: 'The langgraph.json that declares the graphs.', example: './langgraph.json' })
  LANGGRAPH_CONFIG_PATH?: string;

  @TextSetting({
    description:
      'Most runs at a time with the same value, comma-separated: assistant=<n>, user=<n>, metadata.<key>=<n>. The others wait; each value has its own turn.',
    example: 'user=5,metadata.tenant=20',
  })
  @Matches(/^((assistant|user|metadata\.[^=,\s]+)=[1-9]\d{0,5}(\s*,\s*|$))*$/, {
    message: 'RUN_LIMITS must be limits such as assistant=10,user=5,metadata.tenant=20',
  })
  RUN_LIMITS: string = '';

  @TextSetting({ description: 'Address to listen on.', example: '127.0.0.1' })
  HOST: string = '0.0.0.0';
}
