package dev.headrace.bench;

/** A decoded input record; row-major features are written to the model's input straight from it. */
record Reading(String id, long ts, double[] features) {}
