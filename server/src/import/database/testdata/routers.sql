BEGIN TRANSACTION;
CREATE TABLE routers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE NOT NULL,
    host TEXT NOT NULL,
    username TEXT NOT NULL,
    password TEXT NOT NULL,
    port INTEGER DEFAULT 8728,
    enabled INTEGER DEFAULT 1
);
INSERT INTO "routers" VALUES(1,'Kantor Pusat','192.0.2.1','monitor','gAAAAABrClykd9n_U2cOv5gJ_CA4n8bh2TBG7O7ikTOVVc7Nyk1QGGLitvEcPReIgDJmY4TDEC-eAoEW43I0gSWR09gVam2jqg==',8728,1);
INSERT INTO "routers" VALUES(2,'Menara Utara','tower.example.net','monitor','gAAAAABrClykmqlYs8H0Kj8w0MlQtl6pxT81tx9ghwClwXj1-8NNsGt_dzdj0OnHgA8jomNx7UO3u-HNl0HMAIrCw5AVAgvI24NTMAAKDHm-BgmEbwbkXmA=',8729,1);
INSERT INTO "routers" VALUES(3,'Gudang','192.0.2.3','admin','gAAAAABrClykbsaKG_Fow4y-eUX2N6rdNYtBU6Iln6B7awvaag1ZXKHnvMigRtvMdsnkHaChAoN8oBP_WEgNnwE0SkX6nr8NNQ==',18728,0);
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT UNIQUE NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'viewer'
);
INSERT INTO "users" VALUES(1,'ani','$2b$12$nObJ8lnrZRtdplAc96YkL.TP4dPUTFP3wCIICcJNjRes768ErCCy2','admin');
INSERT INTO "users" VALUES(2,'budi','$2b$04$nUNpNan6pbcBC4VdyBTwr.9/Cf1ht5Y70m20TiHRQ/kkDfvRkiEVK','viewer');
INSERT INTO "users" VALUES(3,'citra','$2b$05$eQdF85OhInXuDxSu04eTE.lPjLd8ln4mpPvoBd2FfWCkq2Dd.HEeq','operator');
COMMIT;
