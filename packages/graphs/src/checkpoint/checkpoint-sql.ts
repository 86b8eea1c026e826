/**
 * What the fenced saver and the plan of an attempt read. What they write: `write-checkpoints.sql.ts`.
 */
import { blobVersionSql } from './channel-version.js';
import { LANGGRAPH_SCHEMA } from './checkpoint-schema.js';

const CHECKPOINTS = `"${LANGGRAPH_SCHEMA}".checkpoints`;
const BLOBS = `"${LANGGRAPH_SCHEMA}".checkpoint_blobs`;
const WRITES = `"${LANGGRAPH_SCHEMA}".checkpoint_writes`;

/** Task id that LangGraph gives to the writes of a `Command`. */
export const NULL_TASK_ID = '00000000-0000-0000-0000-000000000000';
/** Channel of an answer to an interrupt. */
export const RESUME_CHANNEL = '__resume__';

/** A `select` of whole checkpoints, to be completed with a condition on `cp`; columns as PostgresSaver reads them. */
export const SELECT_CHECKPOINT = `
  SELECT cp.thread_id, cp.checkpoint, cp.checkpoint_ns, cp.checkpoint_id, cp.parent_checkpoint_id, cp.metadata,
         cp.run_id, cp.commit_seq,
         (SELECT array_agg(array[convert_to(version.key, 'UTF8'), convert_to(value.type, 'UTF8'), value.blob])
            FROM jsonb_each_text(cp.checkpoint -> 'channel_versions') AS version
           CROSS JOIN LATERAL (
             SELECT bl.type, bl.blob FROM ${BLOBS} bl
              WHERE bl.thread_id = cp.thread_id AND bl.checkpoint_ns = cp.checkpoint_ns AND bl.channel = version.key
                AND bl.version = ${blobVersionSql('version.value')}
              -- By its key, each: joined freely, every value that the thread has ever had would be read for one checkpoint.
              LIMIT 1) AS value) AS channel_values,
         (SELECT json_agg(json_build_object('task_id', cw.task_id, 'channel', cw.channel, 'type', cw.type,
                                            'blob', encode(cw.blob, 'base64'), 'run_id', cw.run_id)
                          ORDER BY cw.task_id, cw.idx)
            FROM ${WRITES} cw
           WHERE cw.thread_id = cp.thread_id AND cw.checkpoint_ns = cp.checkpoint_ns
             AND cw.checkpoint_id = cp.checkpoint_id) AS pending_writes
    FROM ${CHECKPOINTS} cp`;

/** Sends of a checkpoint in a format before version 4. */
export const SELECT_PENDING_SENDS = `
  SELECT checkpoint_id, array_agg(array[cw.type::bytea, cw.blob] ORDER BY cw.task_id, cw.idx) AS pending_sends
    FROM ${WRITES} cw
   WHERE cw.thread_id = $1 AND cw.checkpoint_id = ANY($2) AND cw.channel = '__pregel_tasks'
   GROUP BY cw.checkpoint_id`;

/** The newest root checkpoint of a thread: the one committed last, whatever its id says. */
export const SELECT_NEWEST_ROOT = `
  SELECT checkpoint_id, parent_checkpoint_id, run_id FROM ${CHECKPOINTS}
   WHERE thread_id = $1 AND checkpoint_ns = '' ORDER BY commit_seq DESC LIMIT 1`;

/** Whether a `Command` of run $2 has reached the thread: its own writes, or an answer that a task has taken. */
export const SELECT_COMMAND_WRITTEN = `
  SELECT EXISTS (SELECT 1 FROM ${WRITES}
                  WHERE thread_id = $1 AND run_id = $2
                    AND (task_id = '${NULL_TASK_ID}' OR channel = '${RESUME_CHANNEL}')) AS written`;

/** Questions ever put to tasks that hold an answer of run $2, by which a resume map is cut down. */
export const SELECT_ANSWERED_QUESTIONS = `
  SELECT asked.type, asked.blob
    FROM ${WRITES} answer
    JOIN ${WRITES} asked USING (thread_id, checkpoint_ns, checkpoint_id, task_id)
   WHERE answer.thread_id = $1 AND answer.run_id = $2 AND answer.channel = '${RESUME_CHANNEL}'
     AND answer.task_id <> '${NULL_TASK_ID}' AND asked.channel = '__interrupt__'`;

/** Whether a task of the thread holds an answer that run $2 gave. */
export const SELECT_ANSWER_TAKEN = `
  SELECT EXISTS (SELECT 1 FROM ${WRITES}
                  WHERE thread_id = $1 AND run_id = $2 AND channel = '${RESUME_CHANNEL}'
                    AND task_id <> '${NULL_TASK_ID}') AS taken`;

/** Tasks of root checkpoint $2 that asked a question in run $3. */
export const SELECT_ASKING_TASKS = `
  SELECT task_id FROM ${WRITES}
   WHERE thread_id = $1 AND checkpoint_ns = '' AND checkpoint_id = $2 AND run_id = $3 AND channel = '__interrupt__'`;
