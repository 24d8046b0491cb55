import { mount } from "svelte";

import { HERE } from "$lib/base";
import Gate from "./Gate.svelte";
import "./styles.css";

document.title = HERE;
const desk = document.getElementById("desk");
if (desk) mount(Gate, { target: desk });
