-- Experiments and their runs.
CREATE TABLE "experiment" (
    "id" UUID NOT NULL,
    "investigation_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "hypothesis_id" UUID,
    "kind" TEXT NOT NULL,
    "template" TEXT,
    "title" TEXT NOT NULL,
    "steps" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "before_a" TEXT NOT NULL,
    "before_b" TEXT NOT NULL,
    "iterations" TEXT NOT NULL,
    "label_a" TEXT NOT NULL,
    "label_b" TEXT NOT NULL,
    "per_arm" INTEGER NOT NULL,
    "calibration" INTEGER NOT NULL,
    "seed" INTEGER NOT NULL,
    "run_seconds" INTEGER,
    "expected_per_hour" DOUBLE PRECISION,
    "known_trouble" TEXT NOT NULL,
    "production" JSONB,
    "reproduction" JSONB,
    "waived" JSONB NOT NULL DEFAULT '[]',
    "parity" JSONB,
    "production_series_id" UUID,
    "production_counter_id" UUID,
    "conclusion" JSONB,
    "conclusion_key" TEXT,
    "evidence_id" UUID,
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "experiment_run" (
    "id" UUID NOT NULL,
    "experiment_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "condition" TEXT NOT NULL,
    "is_calibration" BOOLEAN NOT NULL,
    "is_added" BOOLEAN NOT NULL DEFAULT false,
    "taken_from" UUID,
    "process" TEXT,
    "memory_series_id" UUID,
    "iterations_series_id" UUID,
    "from_at" TIMESTAMPTZ(3),
    "to_at" TIMESTAMPTZ(3),
    "state" TEXT NOT NULL DEFAULT 'planned',
    "ended_by" TEXT,
    "excluded" JSONB,
    "reading" JSONB,
    "heard_at" TIMESTAMPTZ(3),
    "spacing_ms" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "experiment_run_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "experiment_investigation_id_number_key" ON "experiment"("investigation_id", "number");

CREATE UNIQUE INDEX "experiment_run_experiment_id_position_key" ON "experiment_run"("experiment_id", "position");

CREATE INDEX "experiment_run_state_heard_at_idx" ON "experiment_run"("state", "heard_at");

CREATE INDEX "experiment_run_memory_series_id_idx" ON "experiment_run"("memory_series_id");

ALTER TABLE "experiment" ADD CONSTRAINT "experiment_investigation_id_fkey" FOREIGN KEY ("investigation_id") REFERENCES "investigation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "experiment" ADD CONSTRAINT "experiment_hypothesis_id_fkey" FOREIGN KEY ("hypothesis_id") REFERENCES "hypothesis"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "experiment" ADD CONSTRAINT "experiment_production_series_id_fkey" FOREIGN KEY ("production_series_id") REFERENCES "series"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "experiment" ADD CONSTRAINT "experiment_production_counter_id_fkey" FOREIGN KEY ("production_counter_id") REFERENCES "series"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "experiment_run" ADD CONSTRAINT "experiment_run_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "experiment_run" ADD CONSTRAINT "experiment_run_memory_series_id_fkey" FOREIGN KEY ("memory_series_id") REFERENCES "series"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "experiment_run" ADD CONSTRAINT "experiment_run_iterations_series_id_fkey" FOREIGN KEY ("iterations_series_id") REFERENCES "series"("id") ON DELETE SET NULL ON UPDATE CASCADE;
