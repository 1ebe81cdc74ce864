#include "ui/panels/recipe_form.h"

#include "core/base/text.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
/// As many digits as it takes: 0.01, not 0.010000.
class RealBox : public QDoubleSpinBox {
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    QString textFromValue(double value) const override { return locale().toString(value, 'g', 4); }
};
} // namespace

RecipeForm::RecipeForm(QWidget* parent) : QWidget(parent), m_form(new QFormLayout(this))
{
    setObjectName("recipeForm");
    m_form->setContentsMargins(0, 0, 0, 0);
    using data::Recipe;
    addWhole(&Recipe::epochs, "recipeEpochs", tr("Epochs"),
             tr("Passes over the training split at full fidelity; a search may train for fewer."), {1, 100'000}, {});
    addWhole(&Recipe::batchSize, "recipeBatch", tr("Batch size"), tr("Samples a step of the optimiser."), {2, 65'536}, tr(" samples"));
    addReal(&Recipe::learningRate, "recipeRate", tr("Learning rate"),
            tr("At its peak, after the warm-up; from there it falls along a cosine to zero."), {1e-6, 10});
    addReal(&Recipe::warmupFraction, "recipeWarmup", tr("Warm-up"), tr("Share of all steps in which the learning rate rises to its peak."),
            {0, 0.99}, tr(" of the steps"), tr("none"));
    addReal(&Recipe::weightDecay, "recipeDecay", tr("Weight decay"),
            tr("Pulls weights towards zero at each step, apart from the gradient (AdamW). Norms and biases are left alone."), {0, 10}, {},
            tr("none"));
    addReal(&Recipe::labelSmoothing, "recipeSmoothing", tr("Label smoothing"),
            tr("Share of the target that is spread evenly over all classes."), {0, 0.99}, {}, tr("none"));
    addReal(&Recipe::gradientClip, "recipeClip", tr("Gradient clip"), tr("Longest gradient, as the norm over all parameters."), {0, 1e6}, {},
            tr("off"));
    m_shift = addWhole(&Recipe::shiftPixels, "recipeShift", tr("Shift"),
             tr("Each time an image is shown it is moved by up to so many pixels, the border filled with zeros."), {0, 256}, tr(" px"), tr("none"));
    auto* flip = new QCheckBox(tr("half of the time"), this);
    connect(flip, &QCheckBox::toggled, this, [this](bool on) {
        m_recipe.horizontalFlip = on;
        describe();
    });
    addRow(flip, "recipeFlip", tr("Mirror"), tr("Shows images left to right. Not for digits or letters: mirrored ones are others."),
           [this, flip] { flip->setChecked(m_recipe.horizontalFlip); });
    m_onlyImages = {m_shift, flip};

    m_note = new QLabel(this);
    m_note->setObjectName("recipeNote");
    m_note->setWordWrap(true);
    m_note->setProperty("muted", true);
    m_form->addRow(m_note);
    m_fit = new QPushButton(tr("Fit to the data"), this);
    m_fit->setObjectName("recipeFit");
    m_fit->setToolTip(tr("Take the recipe that suits data of this kind and size"));
    connect(m_fit, &QPushButton::clicked, this, [this] {
        m_recipe = m_fitting;
        m_filling = true;
        for (const Row& row : m_rows)
            row.show();
        m_filling = false;
        describe();
    });
    m_form->addRow(m_fit);
}

void RecipeForm::addRow(QWidget* field, const char* name, const QString& title, const QString& help, std::function<void()> show)
{
    field->setObjectName(name);
    field->setAccessibleName(title);
    field->setAccessibleDescription(help);
    field->setToolTip(help);
    auto* label = new QLabel(title, this);
    label->setToolTip(help);
    label->setBuddy(field);
    m_form->addRow(label, field);
    m_rows.push_back({field, std::move(show)});
}

QSpinBox* RecipeForm::addWhole(int data::Recipe::* member, const char* name, const QString& title, const QString& help, std::pair<int, int> range,
                          const QString& suffix, const QString& zero)
{
    auto* box = new QSpinBox(this);
    box->setRange(range.first, range.second);
    box->setGroupSeparatorShown(true);
    box->setSuffix(suffix);
    box->setSpecialValueText(zero);
    connect(box, &QSpinBox::valueChanged, this, [this, member](int value) {
        m_recipe.*member = value;
        describe();
    });
    const QString bounds = tr("From %1 to %2.").arg(locale().toString(range.first), locale().toString(range.second));
    addRow(box, name, title, help + QLatin1Char('\n') + bounds, [this, box, member] { box->setValue(m_recipe.*member); });
    return box;
}

void RecipeForm::addReal(double data::Recipe::* member, const char* name, const QString& title, const QString& help,
                         std::pair<double, double> range, const QString& suffix, const QString& zero)
{
    auto* box = new RealBox(this);
    box->setDecimals(8);
    box->setRange(range.first, range.second);
    box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
    box->setSuffix(suffix);
    box->setSpecialValueText(zero);
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, member](double value) {
        m_recipe.*member = value;
        describe();
    });
    const QString bounds = tr("From %1 to %2.").arg(locale().toString(range.first, 'g', 4), locale().toString(range.second, 'g', 4));
    addRow(box, name, title, help + QLatin1Char('\n') + bounds, [this, box, member] { box->setValue(m_recipe.*member); });
}

void RecipeForm::setTask(const data::Task& task)
{
    m_fitting = data::defaultRecipe(task.dataset);
    m_trainingSamples = static_cast<std::int64_t>(task.splits.train.size());
    const auto& shape = task.dataset.samples.shape;
    m_filling = true;
    // A whole side and more would leave nothing of the image.
    if (task.dataset.isImage())
        m_shift->setMaximum(static_cast<int>(std::min<std::int64_t>({256, shape[1] - 1, shape[2] - 1})));
    const data::Recipe given = task.spec.recipe;
    for (const Row& row : m_rows) {
        m_form->setRowVisible(row.field, task.dataset.isImage() || !m_onlyImages.contains(row.field));
        m_recipe = given; // showing rounds to the decimals of the boxes
        row.show();
    }
    m_recipe = given;
    m_filling = false;
    describe();
}

void RecipeForm::describe()
{
    if (m_filling)
        return;
    m_fit->setEnabled(m_recipe != m_fitting);
    // A single sample left over makes no batch, a batch larger than all is one: as the trainer has it.
    const std::int64_t left = m_trainingSamples % m_recipe.batchSize;
    const std::int64_t steps = m_trainingSamples / m_recipe.batchSize + (left > 1 || m_recipe.batchSize > m_trainingSamples ? 1 : 0);
    QString text = tr("%1 steps an epoch, %2 in all.")
                       .arg(QString::fromStdString(groupDigits(steps)), QString::fromStdString(groupDigits(steps * m_recipe.epochs)));
    if (m_recipe.batchSize > m_trainingSamples)
        text += tr(" A batch holds more than the %1 training samples.").arg(QString::fromStdString(groupDigits(m_trainingSamples)));
    m_note->setText(text);
}

} // namespace archscope::ui
