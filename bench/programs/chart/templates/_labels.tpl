{{- define "fleet.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/version: {{ .version }}
app.kubernetes.io/part-of: fleet
app.kubernetes.io/managed-by: bench
tier: {{ .tier }}
{{- end }}
{{- define "fleet.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
periodSeconds: {{ .period }}
timeoutSeconds: 2
{{- end }}
