import { topics } from '@headrace/contracts';
import { headerText } from '@headrace/event-log';
import { on, type Rule } from './rule.js';

/** Records of a topic could not be processed; over when none has come for a while. */
export const deadLetters: Rule = {
  name: 'DeadLetters',
  severity: 'WARNING',
  quiet: 'deadLetterQuietMs',
  sources: [
    on(topics.deadLetters, (_value, { headers, timestampMs: at }) => {
      const place = headerText(headers, 'dlq_place') ?? 'unknown';
      const topic = place.replace(/\/\d+@\d+$/, '');
      const why = `${headerText(headers, 'dlq_code') ?? 'UNKNOWN'}: ${headerText(headers, 'dlq_message') ?? 'no reason given'}`;
      return [
        { labels: { topic }, active: true, at, summary: `${place} could not be processed: ${why}`.slice(0, 500) },
      ];
    }),
  ],
};
