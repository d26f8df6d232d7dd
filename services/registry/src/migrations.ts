/** Of the service's own PostgreSQL schema; beside dist and src. */
export const migrations = new URL('../migrations/', import.meta.url);
