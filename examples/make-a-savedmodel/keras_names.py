"""Prints the input names that Keras models get: python keras_names.py FOLDER"""

import sys

import keras
import tensorflow as tf


def two_inputs(reverse):
    age = keras.Input((1,), name="age")
    income = keras.Input((1,), name="income")
    score = keras.layers.Dense(1)(keras.layers.Concatenate()([age, income]))
    return keras.Model([income, age] if reverse else [age, income], score)


def input_names(path):
    signature = tf.saved_model.load(path).signatures["serving_default"]
    return " ".join(sorted(signature.structured_input_signature[1]))


def exported(name, model):
    path = f"{sys.argv[1]}/{name}"
    model.export(path, verbose=False)
    print(f"{name}: {input_names(path)}")


def saved(name, model):
    path = f"{sys.argv[1]}/{name}"
    tf.saved_model.save(model, path)
    print(f"{name}: {input_names(path)}")


exported("export_named", two_inputs(False))
exported("export_reversed", two_inputs(True))
saved("save_named", two_inputs(False))
saved("save_reversed", two_inputs(True))
for name in ("export_unnamed", "export_rebuilt"):
    exported(name, keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]))
