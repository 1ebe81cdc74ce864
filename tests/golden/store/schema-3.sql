PRAGMA application_id = 1098015592
-- next
PRAGMA user_version = 3
-- next
CREATE TABLE retrain (
        study INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
        trial INTEGER NOT NULL,
        result TEXT NOT NULL,
        made_at REAL NOT NULL,
        PRIMARY KEY (study, trial))
-- next
CREATE TABLE study (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        spec TEXT NOT NULL,
        decisions TEXT NOT NULL,
        strategy TEXT NOT NULL,
        space TEXT NOT NULL,
        task TEXT NOT NULL,
        objectives TEXT NOT NULL,
        created_at REAL NOT NULL,
        searched_seconds REAL NOT NULL DEFAULT 0,
        finished INTEGER NOT NULL DEFAULT 0,
        strategy_state TEXT,
        stated_asks INTEGER NOT NULL DEFAULT 0,
        stated_tells INTEGER NOT NULL DEFAULT 0,
        runner TEXT)
-- next
INSERT INTO "study" VALUES(1,'golden','{"budget":{"seconds":0.0,"trials":20},"constraints":[],"device":"auto","fidelity":{"epochs":0},"format":"archscope.study","jobs":1,"name":"golden","objectives":[{"direction":"max","metric":"val_accuracy"}],"seed":1,"settings":{},"space":{"description":"","format":"archscope.space","graph":{"edges":[["input","layer0"],["layer0","layer1"],["layer1","layer2"],["layer2","layer3"],["layer3","layer4"],["layer4","layer5"],["layer5","output"]],"nodes":[{"input":{},"name":"input"},{"name":"layer0","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"layer1","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"layer2","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"layer3","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"layer4","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"layer5","op":"linear","parameters":{"features":{"int":[1,5]}}},{"name":"output","output":{}}]},"name":"test-chain","version":1},"strategy":"regularized-evolution","task":{"format":"archscope.task","name":"digits","source":"digits","split":{"seed":0,"test_fraction":0.2,"validation_fraction":0.2},"version":1},"version":1}','["layer0.features","layer1.features","layer2.features","layer3.features","layer4.features","layer5.features"]','regularized-evolution','test-chain','digits','val_accuracy:max',1.79551682806993412972e+09,0.0,0,'{}',0,0,NULL)
-- next
CREATE TABLE trial (
        study INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        state TEXT NOT NULL,
        answers TEXT NOT NULL,
        parents TEXT NOT NULL,
        fidelity TEXT NOT NULL,
        metrics TEXT NOT NULL,
        curve TEXT NOT NULL,
        message TEXT NOT NULL,
        network_hash TEXT NOT NULL,
        asked_after INTEGER NOT NULL,
        told_as INTEGER NOT NULL,
        started_at REAL NOT NULL,
        ended_at REAL NOT NULL,
        score REAL, duplicate_of INTEGER,
        PRIMARY KEY (study, id))
-- next
INSERT INTO "trial" VALUES(1,1,'completed','[1,2,3,1,3,1]','[]','{"epochs":1}','{"latency_ms":0.25,"parameters":1234,"seconds":1.5,"val_accuracy":0.4273649998138779}','[[1,0.1491282468976981,0.22570720853105997,0.7257888612624911,0.8352740597809403,0.001,0.1],[2,0.35097936846567523,0.9033923117485331,0.5968251413016964,0.6757414768685227,0.001,0.2],[3,0.8064043283898639,0.5668920131773446,0.3865692249237972,0.1817902805362669,0.001,0.30000000000000004]]','','0123456789abcdef',0,0,1700000001.0,1700000001.5,4.27364999813877877166e-01,NULL)
-- next
INSERT INTO "trial" VALUES(1,2,'completed','[2,0,1,2,4,1]','[1]','{"epochs":2}','{"latency_ms":0.25,"parameters":1234,"seconds":1.5,"val_accuracy":0.7669762083923074}','[[1,0.22773623981191526,0.6467231587599934,0.1290004547549689,0.49838630212825374,0.001,0.1],[2,0.46907714947694035,0.11079932472590681,0.8962945353008781,0.8576684689716844,0.001,0.2],[3,0.6632342346787133,0.6197470496015677,0.8420515367340056,0.34198464413222474,0.001,0.30000000000000004]]','','0123456789abcdef',1,1,1700000002.0,1700000002.5,7.66976208392307401418e-01,NULL)
-- next
INSERT INTO "trial" VALUES(1,3,'completed','[3,4,0,2,3,4]','[2]','{"epochs":0}','{"latency_ms":0.25,"parameters":1234,"seconds":1.5,"val_accuracy":0.19448672949390355}','[[1,0.139358444498205,0.051167685986778566,0.8493915753777033,0.8875765550158321,0.001,0.1],[2,0.053687468595503884,0.20943701052248087,0.2955996391567356,0.110385362260778,0.001,0.2],[3,0.6382372200760504,0.2565080714841316,0.5805451490926375,0.8637786517406917,0.001,0.30000000000000004]]','','0123456789abcdef',2,2,1700000003.0,1700000003.5,1.94486729493903554022e-01,1)
-- next
ALTER TABLE study ADD COLUMN measurements TEXT
-- next
CREATE INDEX trial_by_state ON trial(study, state, score)
-- next
CREATE VIEW answer AS
        SELECT study.name AS study, trial.id AS trial, key.value AS decision, answer.value AS answer
        FROM trial JOIN study ON study.id = trial.study, json_each(study.decisions) AS key, json_each(trial.answers) AS answer
        WHERE key.key = answer.key AND answer.value IS NOT NULL
-- next
DELETE FROM "sqlite_sequence"
-- next
INSERT INTO "sqlite_sequence" VALUES('study',1)
