-- Programs that send memory, and the snapshots that they were asked for.
CREATE TABLE "agent" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "token_id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "process" TEXT NOT NULL,
    "runtime" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "can_snapshot" BOOLEAN NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "snapshot_request" (
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "problem" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "snapshot_request_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "agent_investigation_id_host_process_runtime_key" ON "agent"("investigation_id", "host", "process", "runtime");

CREATE INDEX "snapshot_request_agent_id_created_at_idx" ON "snapshot_request"("agent_id", "created_at");

ALTER TABLE "agent" ADD CONSTRAINT "agent_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "snapshot_request" ADD CONSTRAINT "snapshot_request_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
