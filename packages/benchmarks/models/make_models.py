"""Writes the SavedModels that `pnpm bench engines` measures, with random weights.

    pip install 'tensorflow-cpu==2.21.*'
    python make_models.py FOLDER [NAME ...]

Each is at FOLDER/NAME/1 with one signature, `serving_default`, from `x` to `y`.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf

layers = keras.layers


def mlp():
    return keras.Sequential(
        [keras.Input([784]), layers.Dense(512, "relu"), layers.Dense(512, "relu"), layers.Dense(10, "softmax")]
    )


def small_cnn():
    return keras.Sequential(
        [
            keras.Input([28, 28, 1]),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10, "softmax"),
        ]
    )


def mobilenet_v2():
    return keras.applications.MobileNetV2(weights=None)


def resnet50():
    return keras.applications.ResNet50(weights=None)


def bert(blocks=6, width=256, heads=4, length=128, words=8000):
    ids = keras.Input([length], dtype="int32")
    hidden = layers.Embedding(words, width)(ids)
    for _ in range(blocks):
        attended = layers.MultiHeadAttention(heads, width // heads)(hidden, hidden)
        hidden = layers.LayerNormalization()(hidden + attended)
        dense = layers.Dense(width)(layers.Dense(4 * width, "gelu")(hidden))
        hidden = layers.LayerNormalization()(hidden + dense)
    return keras.Model(ids, layers.Dense(2)(hidden[:, 0]))


def lstm():
    return keras.Sequential(
        [keras.Input([50, 32]), layers.LSTM(64, return_sequences=True), layers.LSTM(64), layers.Dense(10)]
    )


def large():
    """205 MB of weights and little work for each row."""
    return keras.Sequential([keras.Input([16], dtype="int32"), layers.Embedding(400_000, 128), layers.GlobalAveragePooling1D()])


MODELS = (mlp, small_cnn, mobilenet_v2, resnet50, bert, lstm, large)


def save(model, path):
    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    (given,) = model.inputs
    spec = tf.TensorSpec(given.shape, given.dtype, name="x")
    module.serve = tf.function(lambda x: {"y": model(x, training=False)}, input_signature=[spec])
    tf.saved_model.save(module, path, signatures=module.serve.get_concrete_function())


def main(folder, *names):
    for make in MODELS:
        path = os.path.join(folder, make.__name__, "1")
        if (names and make.__name__ not in names) or os.path.exists(path):
            continue
        keras.utils.set_random_seed(1)
        save(make(), path)
        print(make.__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
