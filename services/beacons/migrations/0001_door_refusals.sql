-- Pings that the door did not take, counted by hour (since 1970), reason and the device they named; `newest` in µs,
-- `item` the beginning of the newest one. A fault that repeats stays one row.
CREATE TABLE door_refusals (
    hour bigint NOT NULL,
    reason text NOT NULL,
    device text NOT NULL,
    amount bigint NOT NULL,
    newest bigint NOT NULL,
    item text NOT NULL,
    PRIMARY KEY (hour, reason, device)
);
