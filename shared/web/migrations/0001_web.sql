-- Who may come in: API keys, accounts and their sessions. Times are µs since 1970 (shared.clock).

CREATE TABLE api_keys (
    id           text   PRIMARY KEY,
    hash         bytea  NOT NULL,
    role         text   NOT NULL,
    label        text   NOT NULL,
    scopes       text[] NOT NULL,
    created_at   bigint NOT NULL,
    expires_at   bigint,
    revoked_at   bigint,
    last_used_at bigint
);

CREATE TABLE accounts (
    id            text   PRIMARY KEY,
    login         text   NOT NULL UNIQUE,
    name          text   NOT NULL,
    password_hash text   NOT NULL,
    role          text   NOT NULL,
    scopes        text[] NOT NULL,
    created_at    bigint NOT NULL,
    disabled_at   bigint
);

CREATE TABLE sessions (
    id         text   PRIMARY KEY,
    account_id text   NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
