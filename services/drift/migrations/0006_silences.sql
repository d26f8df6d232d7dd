-- The longest stretch of event time without a record, ms, of each pane of a closed window: later windows may be compared with it when its rows are gone.
alter table reports add column silences jsonb; -- {"paneMs": …, "longest": […]}; null for windows closed before
