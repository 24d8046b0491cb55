import { mount } from "svelte";

import App from "./App.svelte";
import "./styles.css";

const desk = document.getElementById("desk");
if (desk) mount(App, { target: desk });
