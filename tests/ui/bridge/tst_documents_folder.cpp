// The folder that a first search's store goes to exists on every machine.
#include "ui/bridge/documents_folder.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace archscope::ui;

class TestDocumentsFolder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void exists()
    {
        const QTemporaryDir home;
        qputenv("HOME", home.path().toLocal8Bit());
        qputenv("XDG_CONFIG_HOME", home.path().toLocal8Bit());
        QCOMPARE(documentsFolder(), home.path());
        QVERIFY(QDir(home.path()).mkdir("Documents"));
        QCOMPARE(documentsFolder(), home.filePath("Documents"));
    }
};

QTEST_GUILESS_MAIN(TestDocumentsFolder)
#include "tst_documents_folder.moc"
