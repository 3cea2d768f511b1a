-- What somebody typed into a form and has not sent yet. Fields may be personal, so they lie in one sealed box.
CREATE TABLE form_drafts (
    account text NOT NULL,
    form text NOT NULL,
    person text NOT NULL,
    box text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (account, form)
);
