/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets that come with the program: files in data/datasets, with target, columns left out and licence (data/datasets/README.md). */
#include "engine/nn/table/rows.h"

#define BUNDLED(job, name, column) .task = job, .file = name, .target = column
#define IGNORE(...) .ignore = (const char *const[]) { __VA_ARGS__, NULL }

static const ChainDataRow rows[] = {
  { .info = { ROW_INFO ("iris", N_ ("Iris"), "150 flowers × 4 measures → 3 species", "–", "Fisher 1936", NULL, "scikit-learn load_iris · Keras – · –",
              N_ ("Use it as a first classification: one class is easy, two overlap a little."), N_ ("Bundled")) },
    BUNDLED ("classify", "iris.csv", "species"), .licence = "BSD-3-Clause; data CC BY 4.0 (UCI)", .dims = 4, .classes = 3 },
  { .info = { ROW_INFO ("penguins", N_ ("Penguins"), "344 birds × 6 columns → 3 species", "–",
              "Gorman, Williams & Fraser 2014; Horst, Hill & Gorman 2020", NULL, "palmerpenguins · seaborn penguins · –",
              N_ ("Use it as iris with categories and missing values to deal with."), N_ ("Bundled")) },
    BUNDLED ("classify", "penguins.csv", "species"), IGNORE ("year"), .licence = "CC0", .dims = 6, .classes = 3 },
  { .info = { ROW_INFO ("wine", N_ ("Wine"), "178 wines × 13 measures → 3 cultivars", "–", "Forina et al. 1991", NULL,
              "scikit-learn load_wine · Keras – · –", N_ ("Use it to see why inputs of different size must be standardised."), N_ ("Bundled")) },
    BUNDLED ("classify", "wine.csv", "cultivar"), .licence = "BSD-3-Clause; data CC BY 4.0 (UCI)", .dims = 13, .classes = 3 },
  { .info = { ROW_INFO ("breast_cancer", N_ ("Breast cancer (WDBC)"), "569 cases × 30 measures → malignant or benign", "–",
              "Wolberg, Street & Mangasarian 1995", NULL, "scikit-learn load_breast_cancer · Keras – · –",
              N_ ("Use it for two classes whose errors have different prices."), N_ ("Bundled")) },
    BUNDLED ("classify", "breast_cancer_wdbc.csv", "diagnosis"), .licence = "BSD-3-Clause; data CC BY 4.0 (UCI)", .dims = 30, .classes = 2 },
  { .info = { ROW_INFO ("digits", N_ ("Digits 8 × 8"), "1797 images × 64 pixels → 10 digits", "–", "Alpaydin & Kaynak 1998", NULL,
              "scikit-learn load_digits · Keras – · –", N_ ("Use it for handwritten digits that train in seconds."), N_ ("Bundled")) },
    BUNDLED ("classify", "digits_8x8.csv", "digit"), .licence = "BSD-3-Clause; data CC BY 4.0 (UCI)", .dims = 64, .classes = 10 },
  { .info = { ROW_INFO ("auto_mpg", N_ ("Auto MPG"), "406 cars × 7 columns → miles per gallon", "–", "Donoho & Ramos 1982", NULL,
              "vega cars · Keras – · –", N_ ("Use it as a first regression on real data, with missing values."), N_ ("Bundled")) },
    BUNDLED ("regress", "auto_mpg.csv", "mpg"), IGNORE ("name"), .licence = "public domain (StatLib)", .dims = 7 },
  { .info = { ROW_INFO ("crickets", N_ ("Crickets"), "31 chirps: temperature and species → rate", "–", "McDonald 2009", NULL,
              "modeldata crickets · – · –", N_ ("Use it to overfit with ease: it is tiny, a line for each species."), N_ ("Bundled")) },
    BUNDLED ("regress", "crickets.csv", "rate"), .licence = "MIT", .dims = 2 },
  { .info = { ROW_INFO ("concrete", N_ ("Concrete"), "1030 mixtures × 8 → compressive strength", "–", "Yeh 1998", NULL, "modeldata concrete · – · –",
              N_ ("Use it for a regression that a straight plane cannot do."), N_ ("Bundled")) },
    BUNDLED ("regress", "concrete.csv", "compressive_strength"), .licence = "MIT; data CC BY 4.0 (UCI)", .dims = 8 },
  { .info = { ROW_INFO ("fashion", N_ ("Fashion-MNIST, 2000 images"), "2000 images × 28 × 28 → 10 articles", "–", "Xiao, Rasul & Vollgraf 2017", NULL,
              "torchvision FashionMNIST · Keras fashion_mnist · –", N_ ("Use it for images harder than digits of the same size: clothes."),
              N_ ("Bundled")) },
    BUNDLED ("classify", "fashion_mnist_2000-images-idx3-ubyte.gz", "label"), .labels_file = "fashion_mnist_2000-labels-idx1-ubyte.gz",
    .licence = "MIT, © 2017 Zalando SE", .dims = 784, .classes = 10 },
  { .info = { ROW_INFO ("fashion_small", N_ ("Fashion-MNIST, 1000 small images"), "1000 images × 14 × 14 → 10 articles", "–",
              "Xiao, Rasul & Vollgraf 2017", NULL, "torchvision FashionMNIST · Keras fashion_mnist · –",
              N_ ("Use it as a quick version of the above: half of the images, four pixels in one."), N_ ("Bundled")) },
    BUNDLED ("classify", "fashion_mnist_1000_14x14.csv", "article"), .licence = "MIT, © 2017 Zalando SE", .dims = 196, .classes = 10 },
};

const void *
_chain_data_bundled (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
